import { EXIT, NsxError } from '../errors.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import { LIST_COLUMNS, type ListColumn } from './columns.ts'

export interface ColumnChoice {
  /** What -o says: a list, or `+` and a list; undefined: the default. */
  readonly output: readonly string[] | undefined
  readonly all: boolean
  readonly types: ReadonlySet<NsType>
  readonly persistent: boolean
}

const DEFAULT = ['NS', 'TYPE', 'NPROCS', 'PID', 'USER', 'COMMAND']
/** As lsns: a listing of network namespaces alone shows how they are known to us. */
const DEFAULT_NET = ['NS', 'TYPE', 'NPROCS', 'PID', 'USER', 'NETNSID', 'NSFS', 'COMMAND']
/** Without member processes the question is what else holds them. */
const DEFAULT_PERSISTENT = ['NS', 'TYPE', 'ID', 'HELD-BY']

/**
 * The columns of a listing.
 *
 * @throws NsxError (usage) for a name that is none, or an empty list.
 */
export function chooseColumns({ output, all, types, persistent }: ColumnChoice): ListColumn[] {
  const preset = persistent ? DEFAULT_PERSISTENT : isNetOnly(types) ? DEFAULT_NET : DEFAULT
  if (all) return commandLast(LIST_COLUMNS)
  if (output === undefined) return preset.map(listColumn)
  const adds = output[0]?.startsWith('+') ?? false
  const names = output.map((name) => name.replace(/^\+/, '')).filter((name) => name !== '')
  if (names.length === 0) throw unknownColumn('')
  const columns = names.map(listColumn)
  return adds ? commandLast([...new Set([...preset.map(listColumn), ...columns])]) : columns
}

/**
 * The column of that name, in any case.
 *
 * @throws NsxError (usage) where there is none.
 */
export function listColumn(name: string): ListColumn {
  const column = LIST_COLUMNS.find((candidate) => candidate.name === name.toUpperCase())
  if (!column) throw unknownColumn(name)
  return column
}

function isNetOnly(types: ReadonlySet<NsType>): boolean {
  return types.size === 1 && types.has('net')
}

/** The one column of any length stands where a shortened line loses least. */
function commandLast(columns: readonly ListColumn[]): ListColumn[] {
  const command = columns.filter((column) => column.name === 'COMMAND')
  return [...columns.filter((column) => column.name !== 'COMMAND'), ...command]
}

function unknownColumn(name: string): NsxError {
  const names = LIST_COLUMNS.map((column) => column.name).join(', ')
  return new NsxError(name === '' ? 'no column is named' : `unknown column '${name}'`, {
    code: 'unknown-column',
    exitCode: EXIT.usage,
    target: name,
    hint: `columns: ${names}`,
  })
}
