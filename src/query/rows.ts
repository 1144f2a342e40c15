import type { NsType } from '../kernel/namespace-types.ts'
import type { Container } from '../model/container.ts'
import { isSelected, type Selection } from '../model/selection.ts'
import type { Holder, Namespace, NsRef, Process, Snapshot } from '../model/snapshot.ts'
import { type ContainerRow, containerRows } from './container-row.ts'
import { countHolders, type HolderCounts, isRead, noHolders } from './holder-counts.ts'

/** One namespace as listings and documents show it; the field names are the JSON contract's. */
export interface Row extends NsRef {
  readonly leader: LeaderRow | null
  /** Of the leader. */
  readonly container: ContainerRow | null
  readonly owner: NsRef | null
  readonly parent: NsRef | null
  readonly ownerUid: number | null
  readonly nsid: number | null
  /** Null: that source was not asked, or is not to be had. */
  readonly holderCounts: Readonly<HolderCounts>
  /** All but member processes. */
  readonly holders: readonly HolderRow[]
  /** Fields that are null because they could not be read. */
  readonly unknown: readonly string[]
  /** Fields that rest on inference. */
  readonly inferred: readonly string[]
  /** Numbers that may be greater, for some processes could not be read. */
  readonly atLeast: readonly string[]
  /** Fields in which bytes were not UTF-8, or that were cut at the size limit. */
  readonly lossy: readonly string[]
}

export interface ProcRef {
  readonly pid: number
  readonly tid: number | null
  readonly startTicks: string
  readonly comm: string
}

export interface LeaderRow extends ProcRef {
  readonly ppid: number | null
  readonly uid: number | null
  readonly user: string | null
  readonly command: string
  readonly args: readonly string[]
}

export interface HolderRow {
  readonly kind: Holder['kind']
  readonly process: ProcRef | null
  /** Of that process. */
  readonly container: ContainerRow | null
  readonly fd: number | null
  readonly path: string | null
  readonly mountNamespace: NsRef | null
  /** Of a child or an owned namespace: which one. */
  readonly namespace: NsRef | null
}

/** The selected namespaces of a Snapshot, in the order of their inode numbers. */
export function rowsOf(snapshot: Snapshot, selection: Selection): Row[] {
  // One object for each namespace and process, however many rows refer to it.
  const lookup: Lookup = {
    namespaces: refsOf(snapshot),
    processes: new Map(snapshot.processes.map((process) => [process.pid, procRef(process)])),
    leaders: new Map(),
    closely: new Map(snapshot.processes.map((process) => [process.pid, process])),
    none: noHolders(snapshot),
    ...{ containers: isRead(snapshot, 'containers'), containerRow: containerRows() },
    membersOnly: new Map(),
  }
  return snapshot.namespaces
    .filter((ns) => isSelected(ns, selection))
    .map((ns) => rowOf(ns, lookup))
}

function refsOf({ namespaces }: Snapshot): Map<number, NsRef> {
  const refs = new Map<number, NsRef>()
  for (const { type, inum, id } of namespaces) refs.set(inum, { type, inum, id })
  return refs
}

interface Lookup {
  readonly namespaces: ReadonlyMap<number, NsRef>
  readonly processes: ReadonlyMap<number, ProcRef>
  readonly leaders: Map<number, LeaderFacts>
  readonly closely: ReadonlyMap<number, Process>
  /** The counts of a namespace that nothing holds. */
  readonly none: HolderCounts
  /** It was asked what processes are contained in. */
  readonly containers: boolean
  readonly containerRow: (container: Container) => ContainerRow
  /** By number: the counts of a namespace that only so many members hold. */
  readonly membersOnly: Map<number, HolderCounts>
}

function rowOf(ns: Namespace, lookup: Lookup): Row {
  const leader = ns.leader === null ? undefined : leaderOf(ns.leader, lookup)
  return {
    type: ns.type,
    inum: ns.inum,
    id: ns.id,
    leader: leader?.row ?? null,
    container: containerOf(ns.leader, lookup),
    owner: refTo(ns.owner, 'user', lookup),
    parent: refTo(ns.parent, ns.type, lookup),
    ownerUid: ns.ownerUid,
    nsid: ns.nsid,
    holderCounts: countHolders(ns, lookup),
    holders: ns.holders.length > 0 ? ns.holders.map((holder) => holderRow(holder, lookup)) : NONE,
    unknown: unknownOf(ns, leader?.unknown ?? NONE, lookup),
    inferred: inferredFields(ns),
    atLeast: ns.atLeast.length > 0 ? ns.atLeast.map((kind) => `holderCounts.${kind}`) : NONE,
    lossy: joined(
      joined(leader?.lossy ?? NONE, lossyOfContainer(ns, lookup)),
      lossyOfHolders(ns, lookup),
    ),
  }
}

function refTo(inum: number | null, type: NsType, { namespaces }: Lookup): NsRef | null {
  return inum === null ? null : (namespaces.get(inum) ?? { type, inum, id: null })
}

function containerOf(pid: number | null, { closely, containerRow }: Lookup): ContainerRow | null {
  const container = pid === null ? null : closely.get(pid)?.container
  return container ? containerRow(container) : null
}

/** Null is no answer of a process whose container could not be told. */
function unknownOf(
  ns: Namespace,
  ofLeader: readonly string[],
  { containers, closely }: Lookup,
): readonly string[] {
  const unknown = joined(ns.unknown, ofLeader)
  if (!containers) return unknown
  const isUntold = (pid: number): boolean => closely.get(pid)?.container === undefined
  const untold: string[] = []
  if (ns.leader === null ? ns.members.length > 0 : isUntold(ns.leader)) untold.push('container')
  for (let i = 0; i < ns.holders.length; i++) {
    const { pid } = ns.holders[i] as Holder
    if (pid !== null && isUntold(pid)) untold.push(`holders.${i}.container`)
  }
  return joined(unknown, untold)
}

/** One for all: most lists of a row are empty, and there are many rows. */
const NONE: readonly never[] = []

function joined(a: readonly string[], b: readonly string[]): readonly string[] {
  if (b.length === 0) return a
  return a.length === 0 ? b : [...a, ...b]
}

function inferredFields({ inferredMembers, leader }: Namespace): readonly string[] {
  if (inferredMembers.length === 0) return NONE
  const led = leader !== null && inferredMembers.includes(leader)
  return led ? ['holderCounts.process', 'leader'] : ['holderCounts.process']
}

/** As below: who names a container so, means as little. */
function lossyOfContainer({ leader }: Namespace, { closely }: Lookup): readonly string[] {
  const name = leader === null ? null : closely.get(leader)?.container?.name
  return name?.includes('\ufffd') ? ['container.name'] : NONE
}

/** U+FFFD in a path stands for bytes that were not UTF-8: who names a mount point so, means as little. */
function lossyOfHolders({ holders }: Namespace, { closely }: Lookup): readonly string[] {
  if (holders.length === 0) return NONE
  const lossy: string[] = []
  for (let i = 0; i < holders.length; i++) {
    const { pid, path } = holders[i] as Holder
    const holder = pid === null ? undefined : closely.get(pid)
    if (holder?.lossy.includes('comm')) lossy.push(`holders.${i}.process.comm`)
    if (path?.includes('\ufffd')) lossy.push(`holders.${i}.path`)
  }
  return lossy
}

function procRef({ pid, startTicks, comm }: Process): ProcRef {
  return { pid, tid: null, startTicks, comm }
}

/** What a row says of its leader, made once however many namespaces a process leads. */
interface LeaderFacts {
  readonly row: LeaderRow
  readonly unknown: readonly string[]
  readonly lossy: readonly string[]
}

function leaderOf(pid: number, { closely, leaders }: Lookup): LeaderFacts | undefined {
  const known = leaders.get(pid)
  const process = closely.get(pid)
  if (known || !process) return known
  const { startTicks, comm, ppid, uid, user, args } = process
  const command = args && args.length > 0 ? args.join(' ').trimEnd() : comm
  const facts = {
    row: { pid, tid: null, startTicks, comm, ppid, uid, user, command, args: args ?? NONE },
    unknown: joined(uid === null ? ['leader.uid'] : NONE, args === null ? ['leader.args'] : NONE),
    lossy: process.lossy.length > 0 ? process.lossy.map((field) => `leader.${field}`) : NONE,
  }
  leaders.set(pid, facts)
  return facts
}

function holderRow(holder: Holder, lookup: Lookup): HolderRow {
  const { namespaces, processes } = lookup
  const { namespace: inum } = holder
  const unlisted: NsRef | null =
    holder.kind === 'mount' && inum !== null ? { type: 'mnt', inum, id: null } : null
  const namespace = inum === null ? null : (namespaces.get(inum) ?? unlisted)
  return {
    kind: holder.kind,
    process: processRef(holder, processes),
    container: containerOf(holder.pid, lookup),
    fd: holder.fd,
    path: holder.path,
    mountNamespace: holder.kind === 'mount' ? namespace : null,
    namespace: holder.kind === 'mount' ? null : namespace,
  }
}

function processRef({ pid, tid }: Holder, processes: Lookup['processes']): ProcRef | null {
  const process = pid === null ? undefined : processes.get(pid)
  return process && tid !== null ? { ...process, tid } : (process ?? null)
}
