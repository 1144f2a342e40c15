import { errnoName } from '../host/errno-name.ts'
import type { Procfs } from '../host/procfs.ts'
import { errnoOf } from '../host/system-error.ts'
import { isDenied } from '../kernel/errno.ts'
import { parseMountinfo } from '../kernel/mountinfo.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { Context } from './context.ts'
import { addGap, type DraftNamespace } from './draft.ts'

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
      readTrace(context, pid, (procfs) => mountIds(procfs.head(`${pid}/mountinfo`, 4096))[0]) ??
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
  const open = new Map<number, number>()
  for (const pid of denied) {
    const mark = trace.one(context, pid)
    if (mark !== null) open.set(pid, mark)
  }
  // Whoever leaves a trace is in a namespace that it tells apart from all others.
  draft.untold.set(trace.type, (draft.untold.get(trace.type) ?? 0) - open.size)
  // The initial namespaces have the lowest numbers, and most of what is unreadable lives there.
  const candidates = [...draft.namespaces.values()]
    .filter((ns) => ns.type === trace.type && ns.members.length > 0)
    .sort((a, b) => a.inum - b.inum)
  for (const ns of candidates) {
    if (open.size === 0) return
    const found = takeMarked(open, marksOf(context, trace, ns))
    ns.members.push(...found)
    ns.inferredMembers.push(...found)
    if (found.length > 0) ns.members.sort((a, b) => a - b)
  }
  const apart = countApart(context, trace, open)
  if (apart === 0) return
  draft.strayed.add(trace.type)
  // They may be in those that are listed without a member that could be compared with.
  const listed = [...draft.namespaces.values()].filter(
    (ns) => ns.type === trace.type && ns.members.length === 0,
  )
  if (apart > listed.length) draft.unidentified[trace.type] = apart - listed.length
}

/** Takes out the processes that carry one of the marks. */
function takeMarked(open: Map<number, number>, marks: readonly number[]): number[] {
  const all = new Set(marks)
  const found = [...open].filter(([, mark]) => all.has(mark)).map(([pid]) => pid)
  for (const pid of found) open.delete(pid)
  return found
}

/** How many namespaces the processes are in, none of which has a readable member. */
function countApart(context: Context, trace: Trace, open: Map<number, number>): number {
  let count = 0
  for (const [pid, mark] of open) {
    takeMarked(open, [mark, ...trace.all(context, pid)])
    count++
  }
  return count
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
