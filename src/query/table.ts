/** A listing as data: what to show, not how. */
export interface Table {
  readonly columns: readonly TableColumn[]
  /** One cell for each column; null is shown as `-`. */
  readonly rows: readonly (readonly Cell[])[]
}

export type Cell = string | number | null

export interface TableColumn {
  readonly name: string
  readonly align: 'left' | 'right'
  /** May be shortened to fit a terminal; the greater, the sooner. */
  readonly shrink: number
}
