import { type Row, rowsOf } from '../../src/query/rows.ts'
import { type Asked, ask, askNamed } from './ask.ts'
import { fixtureHost } from './fixture-host.ts'
import type { Machine } from './fixture-procfs.ts'

/** The rows of `nsx list` of a machine. */
export function machineRows(machine: Machine, asked: Asked = {}): Row[] {
  const { snapshot, selection } = ask(fixtureHost(machine), asked)
  return rowsOf(snapshot, selection)
}

/** The same, with what their processes are contained in. */
export async function namedRows(machine: Machine, asked: Asked = {}): Promise<Row[]> {
  const { snapshot, selection } = await askNamed(fixtureHost(machine), asked)
  return rowsOf(snapshot, selection)
}

export function rowOfInum(rows: readonly Row[], inum: number): Row {
  const row = rows.find((candidate) => candidate.inum === inum)
  if (!row) throw new Error(`no row of ${inum}`)
  return row
}
