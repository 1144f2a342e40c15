import CliTable from 'cli-table3'
import type { Table } from '../query/table.ts'
import { cellText, fitColumns } from './columns.ts'
import { ASCII_FRAME, FRAME } from './frame.ts'
import { measureOf, shorten } from './text-width.ts'
import type { Theme } from './theme.ts'

/** The time of its layout grows with the square of the rows. */
const MOST_AT_ONCE = 100

/**
 * A boxed table, drawn in parts that fit together: its layout takes about a third of a millisecond a row.
 * Import it only when one is to be drawn.
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
  const shown = cells.map((row) =>
    row.map((text, i) =>
      shorten(text, { width: widths[i] as number, measure, unicode: theme.unicode }),
    ),
  )
  const headed = headings ? columns.map((column) => theme.heading(column.name)) : null
  const parts = chunksOf(shown).map((rows, index, all) => {
    const table = new CliTable({
      ...(headed && index === 0 ? { head: headed } : {}),
      colAligns: columns.map((column) => column.align),
      colWidths: widths.map((of) => of + FRAME - 1),
      style: { head: [], border: [], compact: true },
      ...(theme.unicode ? {} : { chars: ASCII_FRAME }),
    })
    table.push(...rows)
    const lines = table.toString().split('\n')
    return lines.slice(index === 0 ? 0 : 1, index === all.length - 1 ? lines.length : -1)
  })
  return `${parts.flat().join('\n')}\n`
}

/** At least one, for the frame of an empty table. */
function chunksOf<T>(rows: readonly T[]): readonly T[][] {
  const count = Math.max(1, Math.ceil(rows.length / MOST_AT_ONCE))
  return Array.from({ length: count }, (_, i) =>
    rows.slice(i * MOST_AT_ONCE, (i + 1) * MOST_AT_ONCE),
  )
}
