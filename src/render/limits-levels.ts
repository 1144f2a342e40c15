import { UNLIMITED } from '../kernel/namespace-nesting.ts'
import { isInitialInum, NAMESPACE_TYPES } from '../kernel/namespace-types.ts'
import type { LimitLevel, LimitOfType } from '../query/limits/levels.ts'
import type { LimitsView } from '../query/limits/limits.ts'
import { FRAME } from './frame.ts'
import { cleanerOf } from './safe-text.ts'
import type { SheetCell, SheetRow } from './sheet.ts'
import type { Theme } from './theme.ts'
import { refText } from './who.ts'

export interface LimitsScreen {
  /** The terminal's columns; null: a pipe, nothing is wrapped or shortened. */
  readonly width: number | null
  readonly theme: Theme
}

/** Each user namespace that has a say, with what is used there and its limits. */
export async function levelTable(view: LimitsView, screen: LimitsScreen): Promise<string> {
  const { levels } = view
  if (levels.length === 0) return screen.theme.unsure(OUT_OF_SIGHT)
  const { renderSheet } = await import('./sheet.ts')
  const types = NAMESPACE_TYPES.flatMap(({ name }) => (levels[0]?.types[name] ? name : []))
  const groups = levels.map((level) => levelText(level, view, screen.theme))
  const cells = levels.map((level): SheetCell[][] => [
    types.map((type) => usedCell(level.types[type], screen)),
    types.map((type) => limitCell(level.types[type], screen)),
  ])
  const first = firstColumn(groups, types, cells.flat())
  const rows = groups.flatMap((group, i): SheetRow[] => [
    { group },
    [{ text: 'used'.padEnd(first) }, ...(cells[i]?.[0] ?? [])],
    [{ text: 'limit' }, ...(cells[i]?.[1] ?? [])],
  ])
  const columns = ['', ...types].map((name) => ({ name, grow: 0 }))
  return renderSheet({ columns, rows }, screen)
}

const OUT_OF_SIGHT = 'which user namespace it is in is out of sight'

/** How wide it is so that a line across all columns has room; of few types it takes it all. */
function firstColumn(
  groups: readonly string[],
  types: readonly string[],
  rows: readonly (readonly SheetCell[])[],
): number {
  const others = types.reduce((sum, name, i) => {
    const widths = rows.map((row) => row[i]?.text.length ?? 0)
    return sum + FRAME + Math.max(name.length, ...widths)
  }, 0)
  return Math.max(...groups.map(({ length }) => length)) - others
}

/** `user:[4026532501], level 2: counts for uid 1000` */
function levelText(
  { userNs, level, uid, inferred }: LimitLevel,
  view: LimitsView,
  theme: Theme,
): string {
  const where = isInitialInum(userNs.inum)
    ? 'the initial one'
    : level === null
      ? refText(userNs)
      : `${refText(userNs)}, level ${level}`
  if (uid === null) return `${where}: for whom it counts is out of sight`
  const own = view.levels[0]?.userNs.inum === userNs.inum
  const user = own && view.subject?.user ? ` (${cleanerOf(theme)(view.subject.user)})` : ''
  return `${where}: counts for uid ${uid}${inferred.length > 0 ? '~' : ''}${user}`
}

function usedCell(row: LimitOfType | undefined, { theme }: LimitsScreen): SheetCell {
  if (!row || row.used === null) return { text: '?', style: theme.unsure }
  const text = `${row.used}${row.inferred.includes('used') ? '~' : '+'}`
  if (row.full === true) return { text, style: theme.bad }
  if (row.full === null) return { text, style: theme.unsure }
  return row.used === 0 ? { text, style: theme.dim } : { text }
}

function limitCell(row: LimitOfType | undefined, { theme, width }: LimitsScreen): SheetCell {
  if (!row || row.limit === null) return { text: '?', style: theme.unsure }
  const number = width === null ? String(row.limit) : shortNumber(row.limit)
  const text = `${number}${row.inferred.includes('limit') ? '~' : ''}`
  return row.full === true ? { text, style: theme.bad } : { text, style: theme.dim }
}

/** Six digits in eight columns are too wide for a terminal. */
function shortNumber(limit: number): string {
  if (limit === UNLIMITED) return 'none'
  if (limit < 100_000) return String(limit)
  return limit < 10_000_000 ? `${Math.floor(limit / 1000)}k` : `${Math.floor(limit / 1_000_000)}M`
}
