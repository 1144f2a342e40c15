import CliTable from 'cli-table3'
import type { Table } from '../query/table.ts'
import { cellText, fitColumns } from './columns.ts'
import { ASCII_FRAME, FRAME } from './frame.ts'
import { measureOf, shorten } from './text-width.ts'
import type { Theme } from './theme.ts'

/**
 * A boxed table, for few rows: its layout takes about a third of a millisecond a row. Import it only
 * when one is to be drawn.
 */
export async function renderBoxed(
  { columns, rows }: Table,
  {
    headings,
    width,
    theme,
  }: { headings: boolean; width: number | null; theme: Pick<Theme, 'heading' | 'unicode'> },
): Promise<string> {
  const cells = rows.map((row) => row.map((cell) => cellText(cell, theme)))
  const measure = await measureOf(cells.flat())
  const room = width === null ? null : width - columns.length * (FRAME - 1) - 2
  const widths = fitColumns(columns, cells, { measure, headings, width: room })
  const table = new CliTable({
    ...(headings ? { head: columns.map((column) => theme.heading(column.name)) } : {}),
    colAligns: columns.map((column) => column.align),
    style: { head: [], border: [], compact: true },
    ...(theme.unicode ? {} : { chars: ASCII_FRAME }),
  })
  for (const row of cells) {
    table.push(
      row.map((text, i) =>
        shorten(text, { width: widths[i] as number, measure, unicode: theme.unicode }),
      ),
    )
  }
  return `${table.toString()}\n`
}
