import { describeErrno } from '../kernel/errno.ts'
import type { Gate } from '../query/limits/gates.ts'
import type { LimitsView } from '../query/limits/limits.ts'
import type { Assumption, ForeseenRun, Nesting } from '../query/limits/runs.ts'
import { type LimitsScreen, levelTable } from './limits-levels.ts'
import { type Cleaner, cleanerOf } from './safe-text.ts'
import type { Theme } from './theme.ts'
import { wrapCell } from './wrap.ts'

/** Whether it would work, the counts and limits that decide it, and what else may forbid it. */
export async function renderLimits(view: LimitsView, screen: LimitsScreen): Promise<string> {
  const { theme } = screen
  const lines = [
    headline(view, cleanerOf(theme), theme),
    ...runLines(view, screen),
    '',
    theme.heading('Used, and the limit, in each user namespace that has a say'),
    ...(await levelTable(view, screen)).trimEnd().split('\n'),
    ...aboveLines(view, screen),
    '',
    theme.heading('Nesting'),
    ...nestingLines(view, theme),
    '',
    theme.heading('What else may forbid it'),
    ...view.gates.filter(isTold).flatMap((gate) => gateLines(gate, screen)),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function headline(view: LimitsView, clean: Cleaner, theme: Theme): string {
  const { subject, target } = view
  if (subject === null) return theme.heading(`Namespaces that ${clean(target ?? '')} may have`)
  const { comm, pid, uid, user } = subject
  const who =
    uid === null ? 'an unknown uid' : `uid ${uid}${user === null ? '' : ` (${clean(user)})`}`
  if (target === null) return theme.heading(`Would nsx run work here, for ${who}?`)
  return theme.heading(`Would nsx run work, were ${clean(comm)} (${pid}) of ${who} the caller?`)
}

const MARKS = {
  works: { unicode: '✓', ascii: '+', style: 'good' },
  fails: { unicode: '✗', ascii: '-', style: 'bad' },
  unknown: { unicode: '?', ascii: '?', style: 'unsure' },
} as const satisfies Record<ForeseenRun['outcome'], object>

/** Those that have the same to be said of them are in one line. */
function runLines({ runs, subject }: LimitsView, screen: LimitsScreen): string[] {
  if (runs === null) {
    return subject === null ? [] : [screen.theme.unsure('  too little of it can be read to tell')]
  }
  const groups = new Map<string, ForeseenRun[]>()
  for (const run of runs) {
    const key = JSON.stringify([run.outcome, run.errno, run.why, run.hint, run.assumes])
    groups.set(key, [...(groups.get(key) ?? []), run])
  }
  return [...groups.values()].flatMap((group) => groupLines(group, screen))
}

function groupLines(group: readonly ForeseenRun[], screen: LimitsScreen): string[] {
  const [{ outcome, errno, why, hint, assumes }] = group as [ForeseenRun]
  const { theme } = screen
  const { unicode, ascii, style } = MARKS[outcome]
  const mark = theme[style](theme.unicode ? unicode : ascii)
  const flags = group.map(({ flags }) => flags).join(' ')
  const error = outcome === 'fails' && errno !== null ? `: ${describeErrno(errno)}` : ''
  return [
    ...hanging(flags, { first: `  ${mark} `, indent: 4 }, screen),
    ...(why === null ? [] : labelled('why:', why + error, screen)),
    ...(hint === null ? [] : labelled('try:', hint, screen)),
    ...(assumes.length === 0 ? [] : labelled('if:', assumedText(assumes), screen)),
  ]
}

const ASSUMED: Readonly<Record<Assumption, string>> = {
  above: 'no limit is reached in the user namespaces above, which are out of sight',
  userNesting: 'user namespaces are not nested as deep as the kernel allows, which is out of sight',
  pidNesting: 'PID namespaces are not nested as deep as the kernel allows, which is out of sight',
  limits: 'nobody has lowered the limits marked ~',
}

function assumedText(assumes: readonly Assumption[]): string {
  return assumes.map((assumption) => ASSUMED[assumption]).join('; ')
}

function labelled(label: string, text: string, screen: LimitsScreen): string[] {
  const first = `      ${screen.theme.dim(label)} `
  return hanging(text, { first, indent: 7 + label.length }, screen)
}

interface Hanging {
  /** What stands in front of the first line; as wide as `indent`. */
  readonly first: string
  readonly indent: number
}

/** Below this a wrapped text is a column of syllables. */
const LEAST = 24

function hanging(text: string, { first, indent }: Hanging, screen: LimitsScreen): string[] {
  const { width, theme } = screen
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(LEAST, width - indent)
  return wrapCell(cleanerOf(theme)(text), room, (any) => any.length).map((line, i) =>
    i === 0 ? first + line : ' '.repeat(indent) + line,
  )
}

function aboveLines({ levels }: LimitsView, screen: LimitsScreen): string[] {
  if (levels.length === 0 || levels.at(-1)?.level === 0) return []
  const text = 'what is above is out of sight: run nsx there to see it'
  return [screen.theme.unsure(text)]
}

function nestingLines({ nesting }: LimitsView, theme: Theme): string[] {
  const line = (title: string, { level, deepest }: Nesting): string => {
    if (level === null)
      return theme.unsure(`  ${title}: how deep is out of sight; at most ${deepest}`)
    const text = `  ${title}: ${level} of ${deepest} levels below the initial one`
    return level >= deepest ? theme.bad(text) : text
  }
  return [line('user', nesting.user), ...(nesting.pid === null ? [] : [line('PID', nesting.pid)])]
}

function isTold({ state }: Gate): boolean {
  return state !== 'absent'
}

const STATES = {
  allows: MARKS.works,
  forbids: MARKS.fails,
  mayForbid: MARKS.unknown,
  absent: MARKS.works,
  unknown: MARKS.unknown,
} as const satisfies Record<Gate['state'], object>

function gateLines({ state, value, text }: Gate, screen: LimitsScreen): string[] {
  const { theme } = screen
  const { unicode, ascii, style } = STATES[state]
  const mark = theme[style](theme.unicode ? unicode : ascii)
  const more =
    state === 'unknown'
      ? ' (could not be read)'
      : value === null || /^[0-2]$/.test(value)
        ? ''
        : ` (${value})`
  return hanging(text + more, { first: `  ${mark} `, indent: 4 }, screen)
}
