import CliTable from 'cli-table3'
import { ASCII_FRAME, FRAME } from './frame.ts'
import { type Measure, measureOf } from './text-width.ts'
import type { Theme } from './theme.ts'
import { wrapCell } from './wrap.ts'

/** A boxed view whose long cells are wrapped, not cut: for the few rows of one task or one comparison. */
export interface Sheet {
  readonly columns: readonly SheetColumn[]
  readonly rows: readonly SheetRow[]
}

export interface SheetColumn {
  readonly name: string
  /** Takes what room is left, by this share of it; 0: as wide as its widest cell. */
  readonly grow: number
}

/** Cells, or one line across all columns that begins a group. */
export type SheetRow = readonly SheetCell[] | { readonly group: string }

export interface SheetCell {
  /** Safe for a terminal already (render/safe-text.ts). */
  readonly text: string
  readonly style?: (text: string) => string
}

/** Below this a wrapped text is a column of syllables. */
const LEAST = 14

export interface SheetOptions {
  /** The terminal's columns; null: a pipe, nothing is wrapped. */
  readonly width: number | null
  readonly theme: Theme
}

/** Draws it; a newline ends it. Import it only when one is to be drawn. */
export async function renderSheet(sheet: Sheet, { width, theme }: SheetOptions): Promise<string> {
  const texts = sheet.rows.flatMap((row) => ('group' in row ? [] : row.map(({ text }) => text)))
  const measure = await measureOf(texts)
  if (sheet.rows.length > MOST_BOXED) return plainSheet(sheet, measure)
  const widths = columnWidths(sheet, { measure, width })
  const table = new CliTable({
    head: sheet.columns.map(({ name }) => theme.heading(name)),
    colWidths: widths.map((each) => each + FRAME - 1),
    style: { head: [], border: [], compact: true },
    ...(theme.unicode ? {} : { chars: ASCII_FRAME }),
  })
  for (const row of sheet.rows) {
    if ('group' in row) {
      table.push([{ content: theme.heading(row.group), colSpan: sheet.columns.length }])
    } else {
      table.push(
        row.map(({ text, style }, i) =>
          wrapCell(text, widths[i] as number, measure)
            .map((line) => (style ? style(line) : line))
            .join('\n'),
        ),
      )
    }
  }
  return `${table.toString()}\n`
}

/** The layout of a box takes about a third of a millisecond a row; nobody reads so many in boxes. */
const MOST_BOXED = 500

/** The same in columns without a frame, and without an end: a pager cuts lines, or wraps them. */
function plainSheet({ columns, rows }: Sheet, measure: Measure): string {
  const widths = columnWidths({ columns, rows }, { measure, width: null })
  const line = (cells: readonly SheetCell[]): string =>
    cells
      .map(({ text, style = (any) => any }, i) => {
        const last = i === cells.length - 1
        return `${style(text)}${last ? '' : ' '.repeat((widths[i] as number) - measure(text) + 2)}`
      })
      .join('')
      .trimEnd()
  const head = columns.map(({ name }) => ({ text: name }))
  const lines = [head, ...rows].map((row) => ('group' in row ? row.group : line(row)))
  return `${lines.join('\n')}\n`
}

function columnWidths(
  { columns, rows }: Sheet,
  { measure, width }: { measure: Measure; width: number | null },
): number[] {
  const natural = columns.map(({ name }, i) =>
    rows.reduce(
      (most, row) => ('group' in row ? most : Math.max(most, measure(row[i]?.text ?? ''))),
      name.length,
    ),
  )
  if (width === null) return natural
  const fixed = natural.reduce((sum, each, i) => sum + (columns[i]?.grow === 0 ? each : 0), 0)
  const left = width - columns.length * FRAME - 1 - fixed
  return fitGrowing(natural, columns, left)
}

/** Columns that need less than their share leave the rest to the others. */
function fitGrowing(
  natural: readonly number[],
  columns: readonly SheetColumn[],
  room: number,
): number[] {
  const widths = [...natural]
  let open = columns.flatMap(({ grow }, i) => (grow > 0 ? [{ i, grow }] : []))
  let left = room
  for (;;) {
    const total = open.reduce((sum, { grow }) => sum + grow, 0)
    const share = (grow: number): number => Math.max(LEAST, Math.floor((left * grow) / total))
    const content = open.filter(({ i, grow }) => (natural[i] as number) <= share(grow))
    if (content.length === 0) {
      for (const { i, grow } of open) widths[i] = share(grow)
      return widths
    }
    for (const { i } of content) left -= natural[i] as number
    open = open.filter((column) => !content.includes(column))
    if (open.length === 0) return widths
  }
}
