import { nsTypeRow } from '../kernel/namespace-types.ts'
import type { Need } from '../model/need.ts'
import type { HostInfo, NsRef } from '../model/snapshot.ts'
import { describeHolders, mark } from './held-by.ts'
import type { Row } from './rows.ts'
import type { Cell, Table, TableColumn } from './table.ts'

export type ReadHost = Pick<HostInfo, 'procfs' | 'mntNs'>

export interface ListColumn extends TableColumn {
  readonly description: string
  readonly needs: readonly Need[]
  /** `host` tells the root of the procfs that was read, and whose paths are ours. */
  readonly value: (row: Row, host: ReadHost) => Cell
  /** What --sort compares, where that is not the value shown. */
  readonly key?: (row: Row) => Cell
}

const number = { align: 'right', shrink: 0 } as const
const text = { align: 'left', shrink: 0 } as const

/** All columns of `list`; the first fourteen are lsns's, under its names. */
export const LIST_COLUMNS: readonly ListColumn[] = [
  {
    name: 'NS',
    description: 'inode number of the namespace (identity within one listing)',
    ...number,
    needs: [],
    value: (row) => row.inum,
  },
  {
    name: 'TYPE',
    description: 'type of the namespace, as /proc/PID/ns names it',
    ...text,
    needs: [],
    value: (row) => row.type,
  },
  {
    name: 'PATH',
    description: 'where the leader shows the namespace',
    ...text,
    shrink: 1,
    needs: ['leader'],
    value: (row, { procfs }) => row.leader && `${procfs}/${row.leader.pid}/ns/${row.type}`,
  },
  {
    name: 'NPROCS',
    description: 'number of member processes; 7+ at least, 7~ some of them inferred',
    ...number,
    needs: ['members'],
    value: (row) => {
      const suffix = mark(row, 'process')
      return suffix ? `${row.holderCounts.process}${suffix}` : row.holderCounts.process
    },
    key: (row) => row.holderCounts.process,
  },
  {
    name: 'PID',
    description: 'leader: the topmost member in the process tree',
    ...number,
    needs: ['leader'],
    value: (row) => row.leader?.pid ?? null,
  },
  {
    name: 'PPID',
    description: 'parent of the leader',
    ...number,
    needs: ['leader'],
    value: (row) => row.leader?.ppid ?? null,
  },
  {
    name: 'COMMAND',
    description: 'command line of the leader; [name] where it has none',
    ...text,
    shrink: 3,
    needs: ['command'],
    value: (row) =>
      row.leader && (row.leader.args.length > 0 ? row.leader.command : `[${row.leader.comm}]`),
  },
  {
    name: 'UID',
    description: 'effective uid of the leader',
    ...number,
    needs: ['user'],
    value: (row) => row.leader?.uid ?? null,
  },
  {
    name: 'USER',
    description: 'name of that uid',
    ...text,
    needs: ['user'],
    value: (row) => row.leader && (row.leader.user ?? row.leader.uid?.toString() ?? null),
  },
  {
    name: 'NETNSID',
    description: 'id that our network namespace gives to this one',
    ...text,
    needs: ['nsid'],
    value: (row) =>
      row.type !== 'net' || row.unknown.includes('nsid') ? null : (row.nsid ?? 'unassigned'),
  },
  {
    name: 'NSFS',
    description: 'where it is bind-mounted in our mount namespace',
    ...text,
    shrink: 1,
    needs: ['mounts'],
    value: (row, { mntNs }) => ownPaths(row, mntNs).join(',') || null,
  },
  {
    name: 'PNS',
    description: 'parent namespace (user and pid)',
    ...number,
    needs: ['relatives'],
    value: (row) => row.parent?.inum ?? null,
  },
  {
    name: 'ONS',
    description: 'user namespace that owns it',
    ...number,
    needs: ['relatives'],
    value: (row) => row.owner?.inum ?? null,
  },
  {
    name: 'ID',
    description: 'id that is never used again before a reboot (Linux 6.18)',
    ...number,
    needs: ['relatives'],
    value: (row) => row.id,
    // Of 64 bits: a number would lose some.
    key: (row) => row.id?.padStart(20, '0') ?? null,
  },
  {
    name: 'FLAG',
    description: 'flag of clone(2), unshare(2) and setns(2)',
    ...text,
    needs: [],
    value: (row) => nsTypeRow(row.type).flag,
  },
  {
    name: 'OWNER-UID',
    description: 'uid that created the namespace (user)',
    ...number,
    needs: ['relatives'],
    value: (row) => row.ownerUid,
  },
  {
    name: 'HELD-BY',
    description: 'what was found to keep it alive',
    ...text,
    shrink: 2,
    needs: ['holders'],
    value: (row, { mntNs }) => describeHolders(row, mntNs),
  },
  {
    name: 'CONTAINER',
    description: 'container, machine, sandbox or systemd unit of the leader',
    ...text,
    shrink: 2,
    needs: ['container'],
    value: (row) => row.container?.label ?? null,
  },
]

/** The listing of some rows of a procfs under some columns. */
export function tableOf(
  rows: readonly Row[],
  columns: readonly ListColumn[],
  host: ReadHost,
): Table {
  return { columns, rows: rows.map((row) => columns.map((column) => column.value(row, host))) }
}

function ownPaths({ holders }: Row, mntNs: NsRef | null): string[] {
  return holders.flatMap(({ kind, path, mountNamespace }) => {
    const own = mntNs === null || mountNamespace === null || mountNamespace.inum === mntNs.inum
    return kind === 'mount' && own && path !== null ? [path] : []
  })
}

const NO_HOST: ReadHost = { procfs: '', mntNs: null }

/** A sorted copy; rows without a value come last, equal ones stay in their order. */
export function sortRows(
  rows: readonly Row[],
  sort: { column: ListColumn; descending: boolean },
): Row[] {
  const { column, descending } = sort
  // A path sorts as its end does, whatever the root is.
  const key = column.key ?? ((row: Row) => column.value(row, NO_HOST))
  const sign = descending ? -1 : 1
  return rows
    .map((row) => ({ row, value: key(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null)
        return Number(a.value === null) - Number(b.value === null)
      return sign * compare(a.value, b.value)
    })
    .map(({ row }) => row)
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [x, y] = [String(a), String(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

/** The listing of the columns themselves. */
export function columnTable(columns: readonly ListColumn[]): Table {
  const left = { align: 'left', shrink: 0 } as const
  return {
    columns: [
      { name: 'NAME', ...left },
      { name: 'DESCRIPTION', ...left, shrink: 1 },
    ],
    rows: columns.map(({ name, description }) => [name, description]),
  }
}
