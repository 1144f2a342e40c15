import type { PidLevel, PidRow, PidView } from '../query/translate-pid.ts'
import { renderColumns } from './columns.ts'
import { cleanerOf } from './safe-text.ts'
import type { Theme } from './theme.ts'
import { refText, whoText } from './who.ts'

export interface TranslationOptions {
  /** The terminal's columns; null: nothing is shortened. */
  readonly width: number | null
  readonly theme: Theme
}

/** The pids of processes, a block each: who it is, and its number at every level. */
export async function renderPids(view: PidView, options: TranslationOptions): Promise<string> {
  const blocks = await Promise.all(view.pids.map((row) => renderPid(row, view, options)))
  return blocks.join('\n')
}

async function renderPid(row: PidRow, view: PidView, options: TranslationOptions): Promise<string> {
  const { theme } = options
  const isThread = row.subject.tid !== null
  const table = {
    columns: [
      { name: 'LEVEL', align: 'right', shrink: 0 },
      { name: 'PID', align: 'right', shrink: 0 },
      ...(isThread ? [{ name: 'TID', align: 'right', shrink: 0 } as const] : []),
      { name: 'NS', align: 'left', shrink: 0 },
      { name: 'INIT', align: 'right', shrink: 0 },
      { name: 'CONTAINER', align: 'left', shrink: 1 },
    ],
    rows: row.levels.map((level) => [
      ...[level.level, level.pid ?? '?'],
      ...(isThread ? [level.tid] : []),
      level.ns === null ? '?' : refText(level.ns),
      level.unknown.includes('init') ? '?' : level.init,
      containerText(level),
    ]),
  } as const
  return [
    `${theme.heading(whoText(row.subject, theme))}\n`,
    ...answerLines(row, view, theme).map((line) => `  ${line}\n`),
    await renderColumns(table, { ...options, headings: true }),
  ].join('')
}

function containerText({ container, unknown }: PidLevel): string | null {
  return unknown.includes('container') ? '?' : (container?.label ?? null)
}

/** What the asker calls it, in words. */
function answerLines(row: PidRow, { in: asker }: PidView, theme: Theme): string[] {
  if (asker === null) return []
  const who = cleanerOf(theme)(asker.target)
  if (row.inside !== null) return [theme.good(`${who} calls it ${row.inside}`)]
  if (row.unknown.includes('inside')) return [theme.unsure(`what ${who} calls it cannot be told`)]
  const where = asker.ns === null ? '' : `: it is not in ${refText(asker.ns)}, nor below of it`
  return [theme.bad(`${who} does not see it${where}`)]
}
