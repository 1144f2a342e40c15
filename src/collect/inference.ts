import { errnoName } from '../host/errno-name.ts'
import type { Procfs } from '../host/procfs.ts'
import { errnoOf } from '../host/system-error.ts'
import { isDenied } from '../kernel/errno.ts'
import { parseMountinfo } from '../kernel/mountinfo.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { Context } from './context.ts'
import { addGap, addUnidentified, type DraftNamespace } from './draft.ts'

/**
 * Tells, by files that anyone may read, whether two processes share a namespace. `all` names every
 * mark under which a member of the same namespace can be met, `one` a single one of them.
 */
interface Trace {
  readonly type: NsType
  all(context: Context, pid: number): readonly number[]
  one(context: Context, pid: number): number | null
}

const TRACES: readonly Trace[] = [
  {
    // Each network namespace has its own inode for this file (fs/proc/proc_net.c).
    type: 'net',
    all: (context, pid) => {
      const ino = netFileInode(context, pid)
      return ino === null ? [] : [ino]
    },
    one: netFileInode,
  },
  {
    // Mount ids are unique in the system and a mount stands in one namespace. A process in a chroot
    // shows only the mounts below it, so one of them is compared with all of another process's.
    type: 'mnt',
    all: (context, pid) =>
      readTrace(context, pid, (procfs) => mountIds(procfs.bytes(`${pid}/mountinfo`))) ?? [],
    one: (context, pid) =>
      readTrace(context, pid, (procfs) => firstMountId(procfs.head(`${pid}/mountinfo`, 4096))) ??
      null,
  },
]

/** Books unreadable processes as inferred members, and counts the namespaces no member of which is readable. */
export function inferMembers(context: Context): void {
  const { draft, request } = context
  for (const trace of TRACES) {
    const denied = draft.denied.get(trace.type)
    if (denied && request.types.includes(trace.type)) inferByTrace(context, trace, denied)
  }
}

function inferByTrace(context: Context, trace: Trace, denied: readonly number[]): void {
  const { draft } = context
  const groups = groupByMark(context, trace, denied)
  const traced = [...groups.values()].reduce((sum, pids) => sum + pids.length, 0)
  // Whoever leaves a trace is in a namespace that it tells apart from all others.
  draft.untold.set(trace.type, (draft.untold.get(trace.type) ?? 0) - traced)
  const known = new Map<number, DraftNamespace>()
  // The initial namespaces have the lowest numbers, and most of what is unreadable lives there.
  for (const ns of namespacesOf(context, trace.type).sort((a, b) => a.inum - b.inum)) {
    if (groups.size === 0) break
    for (const mark of marksOf(context, trace, ns)) {
      known.set(mark, ns)
      addInferred(ns, groups.get(mark) ?? [])
      groups.delete(mark)
    }
  }
  const apart = countApart(context, trace, { groups, known })
  for (const ns of new Set(known.values())) ns.members.sort((a, b) => a - b)
  if (apart === 0) return
  draft.strayed.add(trace.type)
  // They may be in those that are listed without a member that could be compared with.
  const listed = namespacesOf(context, trace.type).filter((ns) => ns.members.length === 0)
  addUnidentified(draft, trace.type, apart - listed.length)
}

function namespacesOf({ draft }: Context, type: NsType): DraftNamespace[] {
  return [...draft.namespaces.values()].filter((ns) => ns.type === type)
}

function addInferred(ns: DraftNamespace, pids: readonly number[]): void {
  for (const pid of pids) {
    ns.members.push(pid)
    ns.inferredMembers.push(pid)
  }
}

/** The processes by the one mark that is cheap to have. */
function groupByMark(
  context: Context,
  trace: Trace,
  pids: readonly number[],
): Map<number, number[]> {
  const groups = new Map<number, number[]>()
  for (const pid of pids) {
    const mark = trace.one(context, pid)
    if (mark === null) continue
    const group = groups.get(mark)
    if (group) group.push(pid)
    else groups.set(mark, [pid])
  }
  return groups
}

/**
 * How many namespaces the remaining groups are in, none of which has a readable member. Now all marks of
 * a group are compared: either side may be in a chroot, and show only a part of its namespace.
 */
function countApart(
  context: Context,
  trace: Trace,
  { groups, known }: { groups: Map<number, number[]>; known: Map<number, DraftNamespace> },
): number {
  let clusters: Set<number>[] = []
  for (const [mark, pids] of groups) {
    const marks = new Set([mark, ...trace.all(context, pids[0] as number)])
    const ns = [...marks].map((each) => known.get(each)).find((found) => found !== undefined)
    if (ns) {
      addInferred(ns, pids)
      continue
    }
    const meeting = clusters.filter((cluster) => [...marks].some((each) => cluster.has(each)))
    for (const cluster of meeting) for (const each of cluster) marks.add(each)
    clusters = [...clusters.filter((cluster) => !meeting.includes(cluster)), marks]
  }
  return clusters.length
}

/** Of the first member that leaves any: another may have ended since the scan. */
function marksOf(context: Context, trace: Trace, { members }: DraftNamespace): readonly number[] {
  for (const pid of members) {
    const marks = trace.all(context, pid)
    if (marks.length > 0) return marks
  }
  return []
}

function netFileInode(context: Context, pid: number): number | null {
  return readTrace(context, pid, (procfs) => procfs.stat(`${pid}/net/dev`).ino)
}

/** A line begins with its mount id. */
function firstMountId(head: Buffer): number | null {
  return Number.parseInt(head.toString('latin1', 0, 16), 10) || null
}

/** A head may end within a line, which then is not well formed or, at worst, a shorter path. */
function mountIds(mountinfo: Buffer): number[] {
  return parseMountinfo(mountinfo.toString('latin1')).map((line) => line.id)
}

/**
 * A process that has ended or shows nothing (EINVAL: the mounts of a zombie) leaves no trace: it stays
 * among the unreadable, where a refusal has been counted already.
 */
function readTrace<T>(
  { host, draft }: Context,
  pid: number,
  read: (procfs: Procfs) => T,
): T | null {
  try {
    return read(host.procfs)
  } catch (error) {
    const errno = errnoName(errnoOf(error))
    if (!isDenied(errno) && errno !== 'EINVAL') addGap(draft, 'processes', { errno, pid })
    return null
  }
}
