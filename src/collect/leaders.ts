import { NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import type { Context } from './context.ts'
import { addUnknown, type DraftNamespace } from './draft.ts'
import type { ProcessReader } from './process-reader.ts'

interface Climb {
  readonly ns: DraftNamespace
  /** The member looked at in this step. */
  readonly pid: number
  /** The next member to begin with, should this one be gone. */
  readonly next: number
  readonly steps: number
}

/**
 * Finds the leader of each namespace: the topmost member in the process tree, from the lowest pid
 * upwards, so that only the processes on that way are read. All namespaces take one step at a time,
 * which makes each step one bulk call.
 */
export function findLeaders(
  context: Context,
  wanted: readonly DraftNamespace[],
  reader: ProcessReader,
): void {
  let climbs: Climb[] = []
  for (const ns of wanted) {
    const pid = ns.members[0]
    if (pid !== undefined) climbs.push({ ns, pid, next: 1, steps: 0 })
  }
  while (climbs.length > 0) {
    reader.read(
      climbs.map((climb) => climb.pid),
      context.request.details,
    )
    climbs = climbs.map((climb) => step(climb, reader)).filter((climb) => climb !== null)
  }
}

/**
 * A leader was read after the scan: by then its pid may be another process's, or it has moved. Whoever is
 * no member any more is not shown as one.
 */
export function confirmLeaders({ host, draft, request }: Context): void {
  const led = [...draft.namespaces.values()].filter((ns) => ns.leader !== null)
  const pids = [...new Set(led.map((ns) => ns.leader as number))]
  if (pids.length === 0 || !request.sources.has('processes')) return
  const types = NS_TYPE_NAMES
  const rows = new Map(pids.map((pid, row) => [pid, row * types.length]))
  const linkOf = (ns: DraftNamespace): number =>
    (rows.get(ns.leader as number) as number) + types.indexOf(ns.type)
  const only = new Uint8Array(pids.length * types.length)
  for (const ns of led) only[linkOf(ns)] = 1
  const { inums } = host.scanProcesses({
    ...{ pids: Int32Array.from(pids), types, only },
    ...{ descriptors: false, sockets: false },
  })
  for (const ns of led) {
    const inum = inums[linkOf(ns)]
    if (inum === ns.inum || ns.inferredMembers.includes(ns.leader as number)) continue
    ns.leader = null
    addUnknown(ns, 'leader')
  }
}

/** @returns null where the climb has ended. */
function step(climb: Climb, reader: ProcessReader): Climb | null {
  const { ns, pid, next } = climb
  const process = reader.get(pid)
  if (!process) {
    // Gone or unreadable: begin with the next member, unless a child has led up to here.
    const other = ns.leader === null ? ns.members[next] : undefined
    return other === undefined ? null : { ...climb, pid: other, next: next + 1 }
  }
  ns.leader = pid
  const { ppid } = process
  // Bounded: when pids are used again while we look, a process could seem its own ancestor.
  const up = ppid !== null && climb.steps < ns.members.length && isMember(ns.members, ppid)
  return up ? { ns, pid: ppid, next, steps: climb.steps + 1 } : null
}

/** Members are in ascending order; a set of them would cost more than all that is looked up. */
function isMember(members: readonly number[], pid: number): boolean {
  let low = 0
  let high = members.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const member = members[middle] as number
    if (member === pid) return true
    if (member < pid) low = middle + 1
    else high = middle - 1
  }
  return false
}
