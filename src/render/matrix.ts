import { NAMESPACE_TYPES, type NsType } from '../kernel/namespace-types.ts'
import type { Matrix, MatrixCell, MatrixRow } from '../query/matrix/matrix.ts'
import type { Risk } from '../query/matrix/risks.ts'
import type { Table } from '../query/table.ts'
import { renderColumns } from './columns.ts'
import { cleanerOf } from './safe-text.ts'
import type { SheetCell, SheetRow } from './sheet.ts'
import type { Theme } from './theme.ts'
import { wrapCell } from './wrap.ts'

export interface MatrixScreen {
  /** The terminal's columns; null: a pipe. */
  readonly width: number | null
  readonly theme: Theme
  /** The types that are columns. */
  readonly types: ReadonlySet<NsType>
  /** Also mark what is usual. */
  readonly verbose: boolean
}

/** In a box with a legend on a terminal, in plain columns in a pipe. */
export async function renderMatrix(matrix: Matrix, screen: MatrixScreen): Promise<string> {
  const { width, theme } = screen
  if (matrix.rows.length === 0) return 'no process was found\n'
  const text =
    width === null
      ? await renderColumns(tableOf(matrix, screen), { width, headings: true, theme })
      : await boxed(matrix, screen)
  return width === null ? text : text + legend(matrix, screen)
}

function columnsOf({ types }: MatrixScreen): NsType[] {
  return NAMESPACE_TYPES.flatMap(({ name }) => (types.has(name) ? name : []))
}

async function boxed(matrix: Matrix, screen: MatrixScreen): Promise<string> {
  const { renderSheet } = await import('./sheet.ts')
  const { theme } = screen
  const clean = cleanerOf(theme)
  const types = columnsOf(screen)
  const rows: SheetRow[] = []
  let pod: string | null = null
  for (const row of matrix.rows) {
    if (row.pod !== pod) {
      pod = row.pod
      rows.push({ group: pod === null ? 'in no pod' : `pod ${clean(pod)}` })
    }
    rows.push([
      { text: clean(labelText(row)), ...(row.targeted ? { style: theme.heading } : {}) },
      { text: String(row.processCount) },
      ...types.map((type) => sheetCell(row, type, screen)),
    ])
  }
  const columns = [
    { name: 'SUBJECT', grow: 1 },
    { name: 'PROCS', grow: 0 },
    ...types.map((name) => ({ name, grow: 0 })),
  ]
  return renderSheet({ columns, rows }, screen)
}

function labelText({ label, pause }: MatrixRow): string {
  return pause ? `${label} (pause)` : label
}

function tableOf(matrix: Matrix, screen: MatrixScreen): Table {
  const left = { align: 'left', shrink: 0 } as const
  const types = columnsOf(screen)
  return {
    columns: [
      { name: 'SUBJECT', ...left },
      { name: 'POD', ...left },
      { name: 'LEADER', align: 'right', shrink: 0 },
      { name: 'NPROCS', align: 'right', shrink: 0 },
      ...types.map((name) => ({ name, ...left })),
    ],
    rows: matrix.rows.map((row) => [
      ...[labelText(row), row.pod, row.subject.pid, row.processCount],
      ...types.map((type) => cellText(row, type, screen)),
    ]),
  }
}

/** `initial`, `own`, a letter, `?`; `!` behind what is a risk. */
function cellText(row: MatrixRow, type: NsType, screen: MatrixScreen): string {
  const cell = row.cells[type]
  const mark = marked(row, screen).some((risk) => risk.type === type) ? '!' : ''
  return (cell ? signOf(cell, screen.theme) : '-') + mark
}

/** Initial is what most are, so it is the least to be seen. */
function signOf({ sharing, letter }: MatrixCell, { unicode }: Theme): string {
  if (sharing === null) return '?'
  if (sharing === 'private') return 'own'
  return letter ?? (unicode ? '·' : '.')
}

function marked({ risks }: MatrixRow, { verbose }: MatrixScreen): readonly Risk[] {
  return risks.filter(({ usual }) => verbose || !usual)
}

function sheetCell(row: MatrixRow, type: NsType, screen: MatrixScreen): SheetCell {
  const { theme } = screen
  const text = cellText(row, type, screen)
  const sharing = row.cells[type]?.sharing ?? null
  if (text.endsWith('!')) return { text, style: theme.bad }
  if (sharing === null) return { text, style: theme.unsure }
  if (sharing === 'initial') return { text, style: theme.dim }
  return { text, style: sharing === 'private' ? theme.good : theme.heading }
}

/** What the signs mean that are in it. */
function legend(matrix: Matrix, screen: MatrixScreen): string {
  const { theme, width } = screen
  const cells = matrix.rows.flatMap((row) => Object.values(row.cells))
  const has = (sharing: MatrixCell['sharing']): boolean =>
    cells.some((cell) => cell.sharing === sharing)
  const signs = [
    ...(has('initial') ? [`${theme.unicode ? '·' : '.'} initial`] : []),
    ...(has('private') ? ['own: of this row alone'] : []),
    ...(has('shared') ? ['a letter: shared with the rows that have the same in that column'] : []),
    ...(has(null) ? ['? could not be read'] : []),
  ]
  const risks = new Map(
    matrix.rows.flatMap((row) => marked(row, screen)).map((risk) => [risk.type, risk]),
  )
  const lines = [
    signs.join('; '),
    ...(risks.size > 0 ? ['! a container that is in a namespace of the host:'] : []),
    ...columnsOf(screen).flatMap((type) => {
      const risk = risks.get(type)
      return risk ? [`- ${type}: ${risk.text}`] : []
    }),
  ]
  const room = width ?? Number.POSITIVE_INFINITY
  return lines
    .flatMap((line) => wrapCell(line, room, (any) => any.length))
    .map((line) => `${theme.dim(line)}\n`)
    .join('')
}
