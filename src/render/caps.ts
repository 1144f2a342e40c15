import { describeCapabilities } from '../kernel/capabilities.ts'
import type { CapsRow, CapsStep, CapsView } from '../query/caps.ts'
import type { CapsConsequence } from '../query/caps-consequences.ts'
import type { Finding } from '../query/explain-capability.ts'
import { renderColumns } from './columns.ts'
import { cleanerOf } from './safe-text.ts'
import type { Theme } from './theme.ts'
import { refText, whoText } from './who.ts'
import { wrapCell } from './wrap.ts'

export interface CapsOptions {
  /** The terminal's columns; null: nothing is shortened. */
  readonly width: number | null
  readonly theme: Theme
  /** The last capability that the kernel has. */
  readonly lastCapability: number
}

/** Who asks and over what, the kernel's rule turn by turn, and what follows. */
export async function renderCaps(view: CapsView, options: CapsOptions): Promise<string> {
  const { theme } = options
  const blocks = [...headLines(view, theme)]
  for (const row of view.capabilities) blocks.push('', ...(await rowLines(row, view, options)))
  if (view.capabilities.length === 0) {
    blocks.push('', theme.unsure('the namespaces of B in question could not be read'))
  }
  blocks.push(...consequenceLines(view, options))
  return blocks.map((line) => `${line}\n`).join('')
}

function headLines({ a, b }: CapsView, theme: Theme): string[] {
  const clean = cleanerOf(theme)
  const uid = a.subject.credentials?.uid.effective
  const acts = uid === undefined ? '' : `, acting as uid ${uid}`
  return [
    `${theme.heading('A')}  ${whoText(a.subject, theme)}${acts}`,
    `${theme.heading('B')}  ${b.subject ? whoText(b.subject, theme) : clean(b.target)}`,
  ]
}

const FINDINGS: Readonly<Record<Finding, string>> = {
  own: "A's own: its effective capabilities count",
  owned: "a child of A's own that A owns: all capabilities",
  above: "not below of A's own: none",
  child: "a child of A's own that another uid owns: on to the parent",
  other: "neither A's own nor a child of it: on to the parent",
  untold: "a child of A's own; whether A owns it cannot be told",
  unseen: 'its parent is out of sight',
}

async function rowLines(row: CapsRow, view: CapsView, options: CapsOptions): Promise<string[]> {
  const { theme } = options
  const names = row.namespaces.map(refText).join(', ')
  const isUser = row.namespaces.some(({ type }) => type === 'user')
  const owner = row.userNs && !isUser ? `, of ${refText(row.userNs)}` : ''
  const lines = hanging(theme.heading(`${names}${owner}`), 0, options)
  if (row.userNs === null) return [...lines, theme.unsure('  who owns it is out of sight')]
  return [
    ...lines,
    ...(await stepTable(row.steps, options)).trimEnd().split('\n'),
    ...resultLines(row, view, options),
  ]
}

function stepTable(steps: readonly CapsStep[], options: CapsOptions): Promise<string> {
  const table = {
    columns: [
      { name: 'LEVEL', align: 'right', shrink: 0 },
      { name: 'USER NS', align: 'left', shrink: 0 },
      { name: 'OWNER', align: 'right', shrink: 0 },
      { name: 'FINDING', align: 'left', shrink: 0 },
    ],
    rows: steps.map(({ level, ns, ownerUid, finding }) => [
      ...[level ?? '?', refText(ns), ownerUid ?? '?', FINDINGS[finding]],
    ]),
  } as const
  return renderColumns(table, { ...options, headings: true })
}

/** What results, in words. */
function resultLines({ result }: CapsRow, { a }: CapsView, options: CapsOptions): string[] {
  const { theme, lastCapability } = options
  const { credentials } = a.subject
  if (result === null || credentials === null) {
    const why = credentials === null ? ': its credentials could not be read' : ''
    return [theme.unsure(`which capabilities A has there cannot be told${why}`)]
  }
  const has =
    RESULTS[result] ?? describeCapabilities(credentials.capabilities.effective, lastCapability)
  const style = has === 'none' ? theme.bad : theme.good
  return hanging(`A has there: ${has}`, 2, options).map(style)
}

const RESULTS = { all: 'all', none: 'none', effective: null } as const

function hanging(text: string, indent: number, { width }: CapsOptions): string[] {
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(24, width - indent)
  return wrapCell(text, room, (any) => any.length).map((line, i) =>
    i === 0 ? line : `${' '.repeat(indent)}${line}`,
  )
}

/** Rules, one after the other: whether what they are about holds, and a sentence. */
function consequenceLines(view: CapsView, { theme, width }: CapsOptions): string[] {
  const shown = withoutUnread(withoutKnown(view.consequences), view)
  if (shown.length === 0) return []
  const clean = cleanerOf(theme)
  const rules = Math.max(...shown.map(({ rule }) => rule.length))
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(24, width - rules - 5)
  const lines = shown.flatMap(({ rule, holds, text }) => {
    const [first = '', ...more] = wrapCell(clean(text), room, (any) => any.length)
    const head = `${holdsMark(holds, theme)} ${theme.dim(rule.padEnd(rules))}  ${first}`
    return [head, ...more.map((each) => `${' '.repeat(rules + 4)}${each}`)]
  })
  return ['', theme.heading('What follows'), ...lines]
}

/** Where A is already, in one sentence for all. */
function withoutKnown(consequences: readonly CapsConsequence[]): CapsConsequence[] {
  const known = consequences.filter(({ text }) => text.endsWith(ALREADY))
  const [first] = known
  if (!first || known.length === 1) return [...consequences]
  const names = known.flatMap(({ ns }) => (ns ? [refText(ns)] : []))
  const others = consequences.filter((each) => !known.includes(each))
  return [{ ...first, text: `A is in ${names.join(', ')}${ALREADY}` }, ...others]
}

const ALREADY = ' already.'

/** What could not be read, likewise. */
function withoutUnread(
  consequences: readonly CapsConsequence[],
  { unknown }: CapsView,
): CapsConsequence[] {
  const unread = consequences.filter(({ rule, ns }) => rule === 'enter' && ns === null)
  const [first] = unread
  if (!first || unread.length === 1) return [...consequences]
  const others = consequences.filter((each) => !unread.includes(each))
  const text = `Whether A can enter those of B is unknown: they could not be read (${unknown.join(', ')}).`
  return [{ ...first, text }, ...others]
}

function holdsMark(holds: boolean | null, theme: Theme): string {
  if (holds === null) return theme.unsure('?')
  const [yes, no] = theme.unicode ? ['✓', '✗'] : ['+', '-']
  return holds ? theme.good(yes) : theme.bad(no)
}
