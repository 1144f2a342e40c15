import { throwIfOurs } from '../host/system-error.ts'
import { type Errno, isGone } from '../kernel/errno.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type {
  Gap,
  Holder,
  HolderKind,
  Namespace,
  NamespaceField,
  SourceState,
} from '../model/snapshot.ts'

/** A namespace while the sources add to it. */
export interface DraftNamespace {
  readonly inum: number
  readonly type: NsType
  readonly members: number[]
  readonly inferredMembers: number[]
  readonly holders: Holder[]
  id: string | null
  owner: number | null
  parent: number | null
  ownerUid: number | null
  nsid: number | null
  leader: number | null
  readonly unknown: NamespaceField[]
  /** nsfs has been asked; its answers are in the fields above. */
  described: boolean
}

interface DraftGap extends Omit<Gap, 'count' | 'pids'> {
  count: number
  readonly pids: number[]
}

/** The one growing result of a collection. Every source adds to it, in a fixed order. */
export interface Draft {
  readonly namespaces: Map<number, DraftNamespace>
  readonly sources: Map<string, SourceState>
  readonly gaps: Map<string, DraftGap>
  /** By gap: the processes that it has counted. */
  readonly gapPids: Map<string, Set<number>>
  /** By type: processes whose link could not be read for lack of permission. */
  readonly denied: Map<NsType, number[]>
  readonly unidentified: Partial<Record<NsType, number>>
  /** By type: of how many processes neither a link nor inference tells the namespace. */
  readonly untold: Map<NsType, number>
  /** Types of which inference has found processes in none of the namespaces with a readable member. */
  readonly strayed: Set<NsType>
}

export function newDraft(): Draft {
  return {
    namespaces: new Map(),
    sources: new Map(),
    gaps: new Map(),
    gapPids: new Map(),
    denied: new Map(),
    unidentified: {},
    untold: new Map(),
    strayed: new Set(),
  }
}

export function namespaceOf(draft: Draft, type: NsType, inum: number): DraftNamespace {
  let ns = draft.namespaces.get(inum)
  if (!ns) {
    ns = {
      inum,
      type,
      members: [],
      inferredMembers: [],
      holders: [],
      id: null,
      owner: null,
      parent: null,
      ownerUid: null,
      nsid: null,
      leader: null,
      unknown: [],
      described: false,
    }
    draft.namespaces.set(inum, ns)
  }
  return ns
}

/** As the Snapshot has it. */
export function finishNamespace(ns: DraftNamespace, atLeast: readonly HolderKind[]): Namespace {
  return {
    type: ns.type,
    inum: ns.inum,
    id: ns.id,
    members: ns.members,
    inferredMembers: ns.inferredMembers,
    holders: ns.holders,
    owner: ns.owner,
    parent: ns.parent,
    ownerUid: ns.ownerUid,
    nsid: ns.nsid,
    leader: ns.leader,
    unknown: ns.unknown.sort(),
    atLeast,
  }
}

/** Books one reference that keeps a namespace alive; what a kind has not, is null. */
export function addHolder(
  { holders }: DraftNamespace,
  kind: Holder['kind'],
  { pid = null, tid = null, fd = null, path = null, namespace = null }: Partial<Holder>,
): void {
  holders.push({ kind, pid, tid, fd, path, namespace })
}

/** Books that so many namespaces of a type exist of which nothing else could be told: sources may mean the same. */
export function addUnidentified({ unidentified }: Draft, type: NsType, count: number): void {
  if (count > 0) unidentified[type] = Math.max(unidentified[type] ?? 0, count)
}

export function addUnknown({ unknown }: DraftNamespace, field: NamespaceField): void {
  if (!unknown.includes(field)) unknown.push(field)
}

const GAP_PIDS = 10

/** One gap for each source and errno. */
export function gapKey(source: string, errno: Errno): string {
  return `${source} ${errno}`
}

/**
 * Books that something could not be read. What is merely gone is no gap; what is our own lack of
 * resources ends the scan, because every further answer would be wrong. A process counts once, however
 * many of its files or sockets could not be read.
 */
export function addGap(
  draft: Draft,
  source: string,
  failure: { errno: Errno; pid?: number },
): void {
  const { errno, pid } = failure
  if (isGone(errno)) return
  throwIfOurs(errno, source)
  const key = gapKey(source, errno)
  let entry = draft.gaps.get(key)
  if (!entry) {
    entry = { source, errno, count: 0, pids: [] }
    draft.gaps.set(key, entry)
    draft.gapPids.set(key, new Set())
  }
  const counted = draft.gapPids.get(key)
  if (pid !== undefined && counted?.has(pid)) return
  entry.count++
  if (pid === undefined) return
  counted?.add(pid)
  if (entry.pids.length < GAP_PIDS) entry.pids.push(pid)
}

/** Takes over what a reading of its own could not read. */
export function addGaps(draft: Draft, gaps: readonly Gap[]): void {
  for (const gap of gaps) {
    const key = gapKey(gap.source, gap.errno)
    const known = draft.gaps.get(key)
    const pids = [...new Set([...(known?.pids ?? []), ...gap.pids])].slice(0, GAP_PIDS)
    draft.gaps.set(key, { ...gap, count: (known?.count ?? 0) + gap.count, pids })
  }
}
