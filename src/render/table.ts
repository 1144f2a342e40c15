import type { Table } from '../query/table.ts'
import { renderColumns, renderRaw } from './columns.ts'
import { type ThemeQuestion, themeOf } from './theme.ts'

export interface TableStyle {
  readonly raw: boolean
  readonly boxed: boolean
  readonly headings: boolean
  /** The terminal's columns; null: nothing is shortened. */
  readonly width: number | null
}

/** A listing in one of its three forms, each line ended by a newline. */
export async function renderTable(
  table: Table,
  { raw, boxed, headings, width }: TableStyle,
  screen: ThemeQuestion,
): Promise<string> {
  if (raw) return renderRaw(table, headings)
  const theme = await themeOf(screen)
  if (!boxed) return renderColumns(table, { width, headings, theme })
  const { renderBoxed } = await import('./boxed.ts')
  return renderBoxed(table, { headings, width, theme })
}
