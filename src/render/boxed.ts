import CliTable from 'cli-table3'
import type { Table } from '../query/table.ts'
import { cellText, fitColumns } from './columns.ts'
import { measureOf, shorten } from './text-width.ts'
import type { Theme } from './theme.ts'

/** cli-table3's frame in ASCII, for a locale without its line-drawing characters. */
const ASCII_FRAME = Object.fromEntries(
  Object.entries({
    '-': ['top', 'bottom', 'mid'],
    '+': [
      ...['top-mid', 'top-left', 'top-right', 'bottom-mid', 'bottom-left', 'bottom-right'],
      ...['left-mid', 'mid-mid', 'right-mid'],
    ],
    '|': ['left', 'right', 'middle'],
  }).flatMap(([character, places]) => places.map((place) => [place, character])),
)

/** What the frame takes of each column: two blanks and a line. */
const FRAME = 3

/**
 * A boxed table, for few rows: its layout takes about a third of a millisecond a row. Import it only
 * when one is to be drawn.
 */
export async function renderBoxed(
  { columns, rows }: Table,
  { headings, width, theme }: { headings: boolean; width: number | null; theme: Theme },
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
