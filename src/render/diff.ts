import { contentsType } from '../contents/contents-types.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { Consequence } from '../query/consequences.ts'
import { comparedTypes, type DiffView, type SideRow, type TypeDiff } from '../query/diff.ts'
import { relationText } from './relation.ts'
import { cleanerOf } from './safe-text.ts'
import type { Sheet, SheetRow } from './sheet.ts'
import { shorten } from './text-width.ts'
import type { Theme } from './theme.ts'
import { valueText } from './value-text.ts'
import { whoText } from './who.ts'
import { wrapCell } from './wrap.ts'

export interface DiffOptions {
  readonly width: number | null
  readonly theme: Theme
  /** Differences of one type that are shown at the most; null: all. */
  readonly most: number | null
}

/** Two sides beside each other: per type what differs inside, and what follows. */
export async function renderDiff(view: DiffView, options: DiffOptions): Promise<string> {
  const { renderSheet } = await import('./sheet.ts')
  const { theme } = options
  return [
    sideLine('A', view.a, theme),
    sideLine('B', view.b, theme),
    '',
    await renderSheet(diffSheet(view, options), options),
    ...legend(view, options),
    ...consequenceLines(view.consequences, options),
    '',
  ].join('\n')
}

function sideLine(name: string, { target, subject }: SideRow, theme: Theme): string {
  const named = cleanerOf(theme)(target)
  if (subject === null) return `${theme.heading(name)}  ${named}`
  const isPid = target === String(subject.tid ?? subject.pid)
  return `${theme.heading(name)}  ${isPid ? '' : `${named}: `}${whoText(subject, theme)}`
}

const MARKS = {
  same: { unicode: '=', ascii: '=', words: 'the same namespace' },
  different: { unicode: '≠', ascii: '#', words: 'another one' },
  unknown: { unicode: '?', ascii: '?', words: 'could not be compared' },
} as const

function markOf(same: boolean | null): keyof typeof MARKS {
  if (same === null) return 'unknown'
  return same ? 'same' : 'different'
}

function symbol(mark: keyof typeof MARKS, { unicode }: Theme): string {
  return MARKS[mark][unicode ? 'unicode' : 'ascii']
}

function styleOf(same: boolean | null, theme: Theme): Theme['heading'] {
  return { same: theme.good, different: theme.bad, unknown: theme.unsure }[markOf(same)]
}

/** What the marks mean that were used. */
function legend(view: DiffView, { theme, width }: DiffOptions): string[] {
  const used = new Set(comparedTypes(view).map(([, { same }]) => markOf(same)))
  const marks = (Object.keys(MARKS) as (keyof typeof MARKS)[]).filter((mark) => used.has(mark))
  const words = marks.map((mark) => `${symbol(mark, theme)} ${MARKS[mark].words}`)
  const mirrored = withoutMirrored(view.consequences, theme).length < view.consequences.length
  const both = `${mirror(theme)} and the other way round`
  const lines: string[] = []
  for (const item of mirrored ? [...words, both] : words) {
    const longer = `${lines.at(-1)}${GAP}${item}`
    const fits = lines.length > 0 && (width === null || longer.length <= width)
    lines.splice(fits ? -1 : lines.length, 1, fits ? longer : item)
  }
  return lines.map((line) => theme.dim(line))
}

const GAP = '   '

function mirror({ unicode }: Theme): string {
  return unicode ? '↔' : '<->'
}

function diffSheet(view: DiffView, options: DiffOptions): Sheet {
  return {
    columns: [
      { name: 'TYPE', grow: 0 },
      { name: '', grow: 2 },
      { name: 'A', grow: 3 },
      { name: 'B', grow: 3 },
    ],
    rows: comparedTypes(view).flatMap(([type, diff]) => typeRows(type, diff, options)),
  }
}

function typeRows(type: NsType, diff: TypeDiff, { theme, most }: DiffOptions): SheetRow[] {
  const clean = cleanerOf(theme)
  const shown = most === null ? diff.differences : diff.differences.slice(0, most)
  const left = diff.differences.length - shown.length
  const cut = (text: string): string => (most === null ? text : shortened(text, theme))
  return [
    headRow(type, diff, theme),
    ...shown.map(({ path, a, b }) => [
      { text: '' },
      { text: clean(path.join(' ')) },
      { text: cut(clean(wordsOf(type, path, a))) },
      { text: cut(clean(wordsOf(type, path, b))) },
    ]),
    ...(left > 0 ? [moreRow(left, type, theme)] : []),
  ]
}

/** Of a value so much that it can be told from the other. */
const MOST_TEXT = 96

function shortened(text: string, { unicode }: Theme): string {
  return shorten(text, { width: MOST_TEXT, measure: (any) => any.length, unicode })
}

/** The types know how to say what they hold. */
function wordsOf(type: NsType, path: readonly string[], value: unknown): string {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const words = isObject ? contentsType(type).describe?.(path, value) : null
  return words || valueText(value)
}

function headRow(type: NsType, diff: TypeDiff, theme: Theme): SheetRow {
  const style = styleOf(diff.same, theme)
  const mark = `${type.padEnd(6)} ${symbol(markOf(diff.same), theme)}`
  const inum = (side: 'a' | 'b'): string => diff[side]?.inum.toString() ?? '-'
  return [
    { text: mark, style },
    { text: standText(diff), style: theme.dim },
    { text: inum('a'), style },
    { text: inum('b'), style },
  ]
}

/** How the two stand to each other, and where there is nothing below to say it, how they compare. */
function standText(diff: TypeDiff): string {
  if (diff.same === null) return 'not comparable'
  const alike = !diff.same && diff.differences.length === 0 && diff.unknown.length === 0
  const rest = alike ? 'alike inside' : unreadText(diff.unknown)
  return [relationText(diff), rest].filter((text) => text !== '').join(', ')
}

/** `not readable: dns of A, mounts of both`; that of which nothing was read by its name alone. */
function unreadText(unknown: readonly string[]): string {
  const sides = new Map<string, string[]>()
  for (const path of unknown) {
    const [side = '', ...field] = path.split('.')
    const name = field.join('.')
    sides.set(name, [...(sides.get(name) ?? []), side.toUpperCase()])
  }
  const items = [...sides].map(([field, of]) => {
    const whose = of.length > 1 ? 'both' : of.join('')
    return field === '' ? whose : `${field} of ${whose}`
  })
  if (items.length === 0) return ''
  const left = items.length - MOST_FIELDS
  const more = left > 0 ? ` and ${left} more` : ''
  return `not readable: ${items.slice(0, MOST_FIELDS).join(', ')}${more}`
}

const MOST_FIELDS = 3

function moreRow(left: number, type: NsType, { dim }: Theme): SheetRow {
  const more = `${left} more: --type ${type}`
  return [{ text: '' }, { text: more, style: dim }, { text: '' }, { text: '' }]
}

/** Rules, one after the other: whether what they are about holds, and a sentence. */
function consequenceLines(
  consequences: readonly Consequence[],
  { theme, width }: DiffOptions,
): string[] {
  if (consequences.length === 0) return []
  const clean = cleanerOf(theme)
  const shown = withoutMirrored(consequences, theme)
  const rules = Math.max(...shown.map(({ rule }) => rule.length))
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(24, width - rules - 5)
  const lines = shown.flatMap(({ rule, holds, text }) => {
    const [first = '', ...more] = wrapCell(clean(text), room, (any) => any.length)
    const head = `${holdsMark(holds, theme)} ${theme.dim(rule.padEnd(rules))}  ${first}`
    return [head, ...more.map((each) => `${' '.repeat(rules + 4)}${each}`)]
  })
  return ['', theme.heading('What follows'), ...lines]
}

/** Of two rules that say the same with A and B exchanged, the first stands for both. */
function withoutMirrored(consequences: readonly Consequence[], theme: Theme): Consequence[] {
  const shown: Consequence[] = []
  for (const consequence of consequences) {
    const mirrored = exchanged(consequence.text)
    const at = shown.findIndex(({ text }) => text === mirrored && text !== consequence.text)
    const twin = shown[at]
    if (twin) shown[at] = { ...twin, rule: `${twin.rule} ${mirror(theme)}` }
    else shown.push(consequence)
  }
  return shown
}

function exchanged(text: string): string {
  return text.replace(/\b[AB]\b/g, (name) => (name === 'A' ? 'B' : 'A'))
}

function holdsMark(holds: boolean | null, theme: Theme): string {
  if (holds === null) return theme.unsure('?')
  const [yes, no] = theme.unicode ? ['✓', '✗'] : ['+', '-']
  return holds ? theme.good(yes) : theme.bad(no)
}
