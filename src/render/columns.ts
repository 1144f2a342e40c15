import type { Cell, Table, TableColumn } from '../query/table.ts'
import { asciiText, isPlain, rawText, safeText } from './safe-text.ts'
import { type Measure, measureOf, type Room, shorten } from './text-width.ts'
import type { Theme } from './theme.ts'

export interface ColumnsOptions {
  /** The terminal's columns; null: a line is as long as it is. */
  readonly width: number | null
  readonly headings: boolean
  readonly theme: Pick<Theme, 'heading' | 'unicode'>
}

/** An empty cell, so that every line has as many words as there are columns. */
const EMPTY = '-'

/** Aligned columns, the last one not padded. Every line ends with a newline. */
export async function renderColumns(table: Table, options: ColumnsOptions): Promise<string> {
  const { width, headings, theme } = options
  const { columns } = table
  const names = columns.map((column) => column.name)
  const cells = table.rows.map((row) => row.map((cell) => cellText(cell, theme)))
  const measure = await measureOf(cells.map((row) => row.join('')))
  const widths = fitColumns(columns, cells, { measure, headings, width })
  const slots = columns.map(({ align }, i) => ({
    align,
    room: { width: widths[i] as number, measure, unicode: theme.unicode },
    cut: width !== null,
    last: i === columns.length - 1,
  }))
  const line = (texts: readonly string[]): string => {
    let drawn = ''
    for (let i = 0; i < slots.length; i++) {
      drawn += place(texts[i] as string, slots[i] as Slot)
    }
    return drawn.trimEnd()
  }
  const lines = cells.map(line)
  if (headings) lines.unshift(theme.heading(line(names)))
  return lines.length > 0 ? `${lines.join('\n')}\n` : ''
}

/** Words without blanks, one space between them: for scripts. */
export function renderRaw({ columns, rows }: Table, headings: boolean): string {
  const lines = rows.map((row) => row.map(rawCell).join(' '))
  if (headings) lines.unshift(columns.map((column) => column.name).join(' '))
  return lines.length > 0 ? `${lines.join('\n')}\n` : ''
}

export function cellText(cell: Cell, { unicode }: Pick<Theme, 'unicode'>): string {
  if (cell === null || cell === '') return EMPTY
  if (typeof cell === 'number') return String(cell)
  if (isPlain(cell)) return cell
  const text = safeText(cell)
  return unicode ? text : asciiText(text)
}

function rawCell(cell: Cell): string {
  return cell === null || cell === '' ? EMPTY : rawText(String(cell))
}

/** Below this nothing of a text can be recognised. */
const LEAST = 8
/** As much of a text as mostly tells what it is. */
const READABLE = 32

export interface Fit {
  readonly measure: Measure
  readonly headings: boolean
  readonly width: number | null
}

/**
 * How wide each column becomes, one blank between them. What is too much is taken from the columns
 * that may be shortened, from those of the greatest `shrink` first.
 */
export function fitColumns(
  columns: readonly TableColumn[],
  cells: readonly (readonly string[])[],
  { measure, headings, width }: Fit,
): number[] {
  const natural = columns.map(({ name }) => (headings ? name.length : 1))
  for (const row of cells) {
    for (let i = 0; i < natural.length; i++) {
      const width = measure(row[i] as string)
      if (width > (natural[i] as number)) natural[i] = width
    }
  }
  if (width === null) return natural
  const widths = [...natural]
  let excess = widths.reduce((sum, w) => sum + w, columns.length - 1) - width
  const order = columns
    .map(({ shrink, name }, i) => ({ i, shrink, least: Math.max(LEAST, name.length) }))
    .filter(({ shrink }) => shrink > 0)
    .sort((a, b) => b.shrink - a.shrink)
  for (const { i, least } of order) {
    const give = Math.max(0, Math.min(excess, (widths[i] as number) - least))
    widths[i] = (widths[i] as number) - give
    excess -= give
  }
  // Where even that is not enough the lines are too long anyway: then let there be something to read.
  return excess > 0
    ? natural.map((w, i) => Math.min(w, Math.max(widths[i] as number, READABLE)))
    : widths
}

interface Slot {
  readonly align: 'left' | 'right'
  readonly room: Room
  /** Text that is too long is shortened. */
  readonly cut: boolean
  readonly last: boolean
}

/** A cell in its column, with the blank that parts it from the next one. */
function place(text: string, slot: Slot): string {
  const { align, room, last } = slot
  const shown = slot.cut ? shorten(text, room) : text
  if (last && align === 'left') return shown
  // Padding counts UTF-16 units; a terminal counts columns.
  const length = room.width + shown.length - room.measure(shown)
  return (align === 'right' ? shown.padStart(length) : shown.padEnd(length)) + (last ? '' : ' ')
}
