import { describeErrno } from '../kernel/errno.ts'
import type { ActionPlan, Forecast, PlannedStep } from '../model/exec-plan.ts'
import { type Cleaner, cleanerOf } from './safe-text.ts'
import { type Measure, measureOf } from './text-width.ts'
import type { Theme } from './theme.ts'
import { wrapCell } from './wrap.ts'

export interface PlanOptions {
  readonly command: 'enter' | 'run'
  /** The terminal's columns; null: a pipe, nothing is wrapped. */
  readonly width: number | null
  readonly theme: Theme
}

/** Below this a wrapped text is a column of syllables. */
const LEAST = 24

interface Paper {
  readonly width: number | null
  readonly theme: Theme
  readonly clean: Cleaner
  readonly measure: Measure
}

/** `--dry-run`: every step, whether it would work, and what would mend it. A newline ends it. */
export async function renderPlan(
  plan: ActionPlan,
  { command, width, theme }: PlanOptions,
): Promise<string> {
  const clean = cleanerOf(theme)
  const paper = { width, theme, clean, measure: await measureOf(textsOf(plan).map(clean)) }
  return [
    ...paragraph(headline(plan, command), { first: '', rest: '', paper }).map(theme.heading),
    '',
    ...plan.steps.flatMap((step, index) => stepLines(step, numberText(index, plan), paper)),
    ...listLines('Left out', plan.skipped, paper),
    ...listLines('To know', [...plan.notes, ...plan.remarks], paper),
    '',
  ].join('\n')
}

/** Whether a step that matters is known to fail. */
export function isDoomed({ steps }: ActionPlan): boolean {
  return failures(steps) > 0
}

function failures(steps: readonly PlannedStep[]): number {
  return count(steps, ({ optional, forecast }) => !optional && forecast.outcome === 'fails')
}

function count(steps: readonly PlannedStep[], test: (step: PlannedStep) => boolean): number {
  return steps.filter(test).length
}

function textsOf({ steps, notes, remarks, skipped }: ActionPlan): string[] {
  const told = steps.flatMap(({ what, forecast: { why, hint } }) => [what, why ?? '', hint ?? ''])
  return [...told, ...notes, ...remarks, ...skipped]
}

function headline({ steps }: ActionPlan, command: string): string {
  const failing = failures(steps)
  const open = count(steps, ({ forecast }) => forecast.outcome === 'unknown')
  const what = steps.length === 1 ? '1 step' : `${steps.length} steps`
  if (failing > 0) return `nsx ${command} would fail: ${failing} of ${what}`
  if (open > 0) return `nsx ${command} may work: ${what}, of which ${open} cannot be foreseen`
  return `nsx ${command} would work: ${what}`
}

const MARKS = {
  works: { unicode: '✓', ascii: '+', style: 'good' },
  fails: { unicode: '✗', ascii: '-', style: 'bad' },
  unknown: { unicode: '?', ascii: '?', style: 'unsure' },
} as const satisfies Record<Forecast['outcome'], object>

function markOf(outcome: Forecast['outcome'], theme: Theme): string {
  const { style, unicode, ascii } = MARKS[outcome]
  return theme[style](theme.unicode ? unicode : ascii)
}

function numberText(index: number, { steps }: ActionPlan): string {
  return String(index + 1).padStart(String(steps.length).length)
}

function stepLines(step: PlannedStep, number: string, paper: Paper): string[] {
  const { theme } = paper
  const { forecast, optional, group } = step
  const indent = ' '.repeat(number.length + 4)
  const marks = [
    ...(group === undefined ? [] : ['from outside']),
    ...(optional ? ['optional'] : []),
  ]
  const what = step.what + (marks.length > 0 ? ` (${marks.join(', ')})` : '')
  const head = { first: `${theme.dim(number)}  ${markOf(forecast.outcome, theme)} `, rest: indent }
  return [
    ...paragraph(what, { ...head, paper }),
    ...reasons(forecast).flatMap(({ label, text }) =>
      paragraph(text, {
        first: `${indent}${theme.dim(label)} `,
        rest: `${indent}${' '.repeat(label.length + 1)}`,
        paper,
      }),
    ),
  ]
}

/** Why a step fails, or may; where it works, what gives the right to it. */
function reasons({ outcome, errno, why, hint }: Forecast): { label: string; text: string }[] {
  const cause = [
    ...(why === null ? [] : [why]),
    ...(outcome === 'fails' && errno !== null ? [describeErrno(errno)] : []),
  ]
  return [
    ...(cause.length === 0 ? [] : [{ label: 'why:', text: cause.join(': ') }]),
    ...(hint === null || outcome === 'works' ? [] : [{ label: 'try:', text: hint }]),
  ]
}

function listLines(title: string, texts: readonly string[], paper: Paper): string[] {
  if (texts.length === 0) return []
  const items = texts.flatMap((text) => paragraph(text, { first: '  ', rest: '  ', paper }))
  return ['', paper.theme.heading(title), ...items]
}

interface Paragraph {
  /** What stands in front of the first line; as many columns as `rest` has. */
  readonly first: string
  readonly rest: string
  readonly paper: Paper
}

function paragraph(text: string, { first, rest, paper }: Paragraph): string[] {
  const { width, clean, measure } = paper
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(LEAST, width - rest.length)
  return wrapCell(clean(text), room, measure).map((line, index) =>
    index === 0 ? first + line : rest + line,
  )
}
