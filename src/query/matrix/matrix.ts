import { NS_TYPE_NAMES, type NsType } from '../../kernel/namespace-types.ts'
import { containerLabel } from '../../model/container-label.ts'
import type { Population } from '../../model/population.ts'
import type { Namespace, NsRef } from '../../model/snapshot.ts'
import { type ContainerRow, containerRows } from '../container-row.ts'
import type { ProcRef } from '../rows.ts'
import { type TreeMember, treeMembers } from '../tree/members.ts'
import { type Group, groupsOf } from './groups.ts'
import { lettersOf } from './letters.ts'
import { podsOf } from './pods.ts'
import { type Risk, risksOf } from './risks.ts'

/** Who shares what with whom; the field names are the JSON contract's. */
export interface Matrix {
  readonly rows: readonly MatrixRow[]
}

export interface MatrixRow {
  /** `docker:web`, `unit:nginx.service`, `sleep(950)`. */
  readonly label: string
  readonly kind: 'initial' | 'container' | 'unit' | 'processes'
  /** The topmost process of these. */
  readonly subject: Omit<TreeMember, 'container'>
  readonly processCount: number
  readonly container: ContainerRow | null
  /** Null: in none. */
  readonly pod: string | null
  /** It holds the namespaces of its pod. */
  readonly pause: boolean
  /** By type; those that were not asked for are not there. */
  readonly cells: Readonly<Partial<Record<NsType, MatrixCell>>>
  readonly risks: readonly Risk[]
  /** It was named, or is in what was named. */
  readonly targeted: boolean
}

export interface MatrixCell {
  /** Null: it could not be read. */
  readonly ns: NsRef | null
  /** Private: of no other row. Null: it could not be read. */
  readonly sharing: 'initial' | 'private' | 'shared' | null
  /** False: some processes could not be read, which may be in it, too. */
  readonly certain: boolean
  /** Of a shared one: the same for the same namespace, within the type. */
  readonly letter: string | null
  /** The other rows that are in it; of the initial one they are not listed. */
  readonly with: readonly { readonly label: string; readonly subject: ProcRef }[]
}

export interface MatrixQuestion {
  readonly types: ReadonlySet<NsType>
  /** Null: all rows; else those with such a process or namespace, and those of which they share something. */
  readonly only:
    | readonly { readonly pid: number | null; readonly inums: ReadonlySet<number> }[]
    | null
}

/** The processes that stand for a row. */
export function leadersOf(population: Population, { types }: MatrixQuestion): number[] {
  return groupsOf(population, types).map(({ leader }) => leader.pid)
}

export function matrixOf(population: Population, question: MatrixQuestion): Matrix {
  const { snapshot, initial: initialInums } = population
  const initial = new Set(initialInums)
  const member = treeMembers(population)
  const found = groupsOf(population, question.types).flatMap((group) => {
    const subject = member(group.leader.pid)
    return subject ? { group, subject } : []
  })
  const pods = podsOf(
    found.map(({ group }) => group),
    initial,
  )
  const rowOf = containerRows()
  const bare = found
    .map(({ group, subject }, i) => bareRow(group, { subject, rowOf, ...(pods[i] as InPodOf) }))
    .sort(inOrder)
  const lookup: Lookup = {
    ...{ initial, types: NS_TYPE_NAMES.filter((type) => question.types.has(type)) },
    namespaces: new Map(snapshot.namespaces.map((ns) => [ns.inum, ns])),
    ...sharersOf(bare, initial),
  }
  const rows = bare.map((row) => wholeRow(row, lookup, question))
  return { rows: question.only ? withSharers(rows) : rows }
}

type InPodOf = ReturnType<typeof podsOf>[number]

interface BareRow extends Omit<MatrixRow, 'cells' | 'risks' | 'targeted'> {
  readonly group: Group
}

function bareRow(
  group: Group,
  {
    subject,
    rowOf,
    pod,
    pause,
  }: InPodOf & {
    readonly subject: TreeMember
    readonly rowOf: ReturnType<typeof containerRows>
  },
): BareRow {
  const { container, unit, main } = group
  const { container: _, ...process } = subject
  const shown = unit ?? container
  const own = `${subject.comm}(${subject.pid})`
  const label = shown ? containerLabel(shown) : own
  return {
    group,
    // A part of a container with namespaces of its own.
    label: shown && !unit && !main ? `${label} ${own}` : label,
    kind: unit ? 'unit' : container ? 'container' : main ? 'initial' : 'processes',
    subject: process,
    processCount: group.processes.length,
    container: shown && rowOf(shown),
    ...{ pod, pause },
  }
}

const KINDS: readonly MatrixRow['kind'][] = ['initial', 'container', 'unit', 'processes']

/** Pods together, the pause container first; then by name, a container before its parts. */
function inOrder(a: BareRow, b: BareRow): number {
  return (
    KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
    Number(b.pod !== null) - Number(a.pod !== null) ||
    compare(a.pod ?? '', b.pod ?? '') ||
    Number(b.pause) - Number(a.pause) ||
    compare(a.container?.label ?? '', b.container?.label ?? '') ||
    compare(a.container?.id ?? '', b.container?.id ?? '') ||
    Number(b.group.main) - Number(a.group.main) ||
    a.subject.pid - b.subject.pid
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

interface Sharers {
  /** By inode: the rows that are in a namespace. */
  readonly sharers: ReadonlyMap<number, readonly BareRow[]>
  readonly letters: ReadonlyMap<number, string>
}

function sharersOf(rows: readonly BareRow[], initial: ReadonlySet<number>): Sharers {
  const sharers = new Map<number, BareRow[]>()
  for (const row of rows) {
    for (const inum of Object.values(row.group.set)) {
      const list = sharers.get(inum)
      if (list) list.push(row)
      else sharers.set(inum, [row])
    }
  }
  const sets = rows.map(({ group }) => group.set)
  const isShared = (inum: number): boolean =>
    !initial.has(inum) && (sharers.get(inum)?.length ?? 0) > 1
  return { sharers, letters: lettersOf(sets, isShared) }
}

interface Lookup extends Sharers {
  readonly initial: ReadonlySet<number>
  readonly types: readonly NsType[]
  readonly namespaces: ReadonlyMap<number, Namespace>
}

function wholeRow(bare: BareRow, lookup: Lookup, { only }: MatrixQuestion): MatrixRow {
  const { group, ...row } = bare
  const { set, container, processes } = group
  const inums = new Set(Object.values(set))
  const pids = only ? new Set(processes.map(({ pid }) => pid)) : new Set<number>()
  const isInitial = (type: NsType): boolean => lookup.initial.has(set[type] ?? 0)
  return {
    ...row,
    cells: Object.fromEntries(lookup.types.map((type) => [type, cellOf(bare, type, lookup)])),
    risks: risksOf(container, isInitial),
    targeted: (only ?? []).some((one) =>
      one.pid === null ? [...one.inums].some((inum) => inums.has(inum)) : pids.has(one.pid),
    ),
  }
}

const UNREAD: MatrixCell = { ns: null, sharing: null, certain: false, letter: null, with: [] }

function cellOf(row: BareRow, type: NsType, lookup: Lookup): MatrixCell {
  const inum = row.group.set[type]
  const ns = inum === undefined ? undefined : lookup.namespaces.get(inum)
  if (!ns) return UNREAD
  const ref = { type: ns.type, inum: ns.inum, id: ns.id }
  if (lookup.initial.has(ns.inum)) {
    return { ns: ref, sharing: 'initial', certain: true, letter: null, with: [] }
  }
  const others = (lookup.sharers.get(ns.inum) ?? []).filter((each) => each !== row)
  return {
    ns: ref,
    sharing: others.length > 0 ? 'shared' : 'private',
    certain: others.length > 0 || !ns.atLeast.includes('process'),
    letter: lookup.letters.get(ns.inum) ?? null,
    with: others.map(({ label, subject: { pid, startTicks, comm } }) => ({
      label,
      subject: { pid, tid: null, startTicks, comm },
    })),
  }
}

/** The rows that were named, and all that share a namespace with one of them. */
function withSharers(rows: readonly MatrixRow[]): MatrixRow[] {
  const named = rows.filter(({ targeted }) => targeted)
  const near = new Set(named.map(({ subject }) => subject.pid))
  for (const { cells } of named) {
    for (const cell of Object.values(cells)) {
      for (const { subject } of cell.with) near.add(subject.pid)
    }
  }
  return rows.filter(({ subject }) => near.has(subject.pid))
}
