import type { Cell, TableColumn } from '../query/table.ts'
import { cellText, fitColumns } from './columns.ts'
import { type Measure, measureOf, shorten } from './text-width.ts'
import type { Theme } from './theme.ts'

/** A line of a tree: cells in columns, of which the first stands behind the branches, or one text. */
export interface TreeLine {
  readonly depth: readonly boolean[]
  readonly cells: readonly StyledCell[] | StyledCell
}

export interface StyledCell {
  readonly text: Cell
  readonly style?: (text: string) => string
}

/** What a node looks like, and what hangs below it. */
export interface Drawn {
  readonly cells: TreeLine['cells']
  readonly below: readonly Drawn[]
}

export interface TreeOptions {
  /** The terminal's columns; null: a pipe, nothing is shortened. */
  readonly width: number | null
  readonly theme: Theme
}

/** Draws trees under each other, each line ended by a newline. */
export async function renderTree(
  columns: readonly TableColumn[],
  roots: readonly Drawn[],
  { width, theme }: TreeOptions,
): Promise<string> {
  const lines = linesOf(roots)
  const texts = lines.map(({ cells }) =>
    (isText(cells) ? [cells] : cells).map(({ text }) => cellText(text, theme)),
  )
  const measure = await measureOf(texts.map((row) => row.join('')))
  // As wide as its branches; nobody sees what it is made of.
  const padded = lines.flatMap(({ depth, cells }, i) => {
    const [first = '', ...others] = texts[i] as string[]
    return isText(cells) ? [] : [[' '.repeat(2 * depth.length) + first, ...others]]
  })
  // Where nothing else gives way any more, branches do.
  const fitted = columns.map((column, i) => (i === 0 ? { ...column, shrink: LAST } : column))
  const widths = fitColumns(fitted, padded, { measure, headings: true, width })
  const place = { columns, widths, measure, theme, width }
  const head = columns.map(({ name }) => ({ text: name }))
  return `${[
    theme.heading(
      drawCells(
        { depth: [], cells: head },
        columns.map(({ name }) => name),
        place,
      ),
    ),
    ...lines.map((line, i) => draw(line, texts[i] as string[], place)),
  ].join('\n')}\n`
}

/** Less than any column's that may be shortened. */
const LAST = 0.5
/** As much of a text as must be left beside its branches. */
const LEAST_TEXT = 24

/** From the top to the bottom; `depth` has for each level whether more comes below on that level. */
function linesOf(roots: readonly Drawn[]): TreeLine[] {
  const lines: TreeLine[] = []
  const add = (drawn: readonly Drawn[], above: readonly boolean[] | null): void => {
    for (const [i, { cells, below }] of drawn.entries()) {
      const depth = above === null ? [] : [...above, i < drawn.length - 1]
      lines.push({ depth, cells })
      add(below, depth)
    }
  }
  add(roots, null)
  return lines
}

interface Place {
  readonly columns: readonly TableColumn[]
  readonly widths: readonly number[]
  readonly measure: Measure
  readonly theme: Theme
  readonly width: number | null
}

function isText(cells: TreeLine['cells']): cells is StyledCell {
  return !Array.isArray(cells)
}

function draw(line: TreeLine, texts: readonly string[], place: Place): string {
  const { cells, depth } = line
  if (!isText(cells)) return drawCells(line, texts, place)
  const { width, measure, theme } = place
  const [text = ''] = texts
  const branches = cut(branchesOf(depth, theme), { ...place, room: (width ?? 0) - LEAST_TEXT })
  const room = width === null ? null : Math.max(1, width - measure(branches))
  const shown =
    room === null ? text : shorten(text, { width: room, measure, unicode: theme.unicode })
  return theme.dim(branches) + styled(cells, shown)
}

function drawCells({ depth, cells }: TreeLine, texts: readonly string[], place: Place): string {
  const { columns, widths, measure, theme, width } = place
  const own = (widths[0] as number) - measure(texts[0] ?? '')
  const branches = cut(branchesOf(depth, theme), { ...place, room: own })
  const drawn = columns.map(({ align }, i) => {
    const text = texts[i] as string
    const room = (widths[i] as number) - (i === 0 ? branches.length : 0)
    const shown =
      width === null ? text : shorten(text, { width: room, measure, unicode: theme.unicode })
    const blanks = ' '.repeat(Math.max(0, room - measure(shown)))
    const whole = styled((cells as readonly StyledCell[])[i] as StyledCell, shown)
    if (i === columns.length - 1 && align === 'left') return whole
    return align === 'right' ? blanks + whole : whole + blanks
  })
  return `${branches === '' ? '' : theme.dim(branches)}${drawn.join(' ')}`.trimEnd()
}

function styled({ style }: StyledCell, text: string): string {
  return style ? style(text) : text
}

const BRANCHES = {
  unicode: { fork: '├─', last: '└─', line: '│ ', none: '  ' },
  ascii: { fork: '|-', last: '`-', line: '| ', none: '  ' },
} as const

function branchesOf(depth: readonly boolean[], { unicode }: Theme): string {
  const glyphs = unicode ? BRANCHES.unicode : BRANCHES.ascii
  return depth
    .map((more, i) => {
      if (i === depth.length - 1) return more ? glyphs.fork : glyphs.last
      return more ? glyphs.line : glyphs.none
    })
    .join('')
}

/** Where a tree is deeper than the terminal is wide, its nearest branches are what counts. */
function cut(branches: string, { room, width, theme }: Place & { readonly room: number }): string {
  if (width === null || branches.length <= Math.max(room, 2)) return branches
  const mark = theme.unicode ? '…' : '...'
  const end = branches.slice(-Math.max(2, room - mark.length))
  return mark.length + end.length > Math.max(room, 2) ? end : mark + end
}
