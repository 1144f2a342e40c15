import type { Process } from '../model/snapshot.ts'
import type { Context } from './context.ts'
import { addGap, addUnknown, type DraftNamespace } from './draft.ts'
import { findLeaders } from './leaders.ts'
import { processReader } from './process-reader.ts'

/**
 * Looks closely at the wanted namespaces: their leaders, and the processes that hold them by a
 * descriptor or socket. A few files of a few processes, never of all.
 *
 * @returns those processes, ascending by pid.
 */
export function collectDetails(context: Context): Process[] {
  const { host, draft, request } = context
  const wanted = [...draft.namespaces.values()].filter(request.wanted)
  const reader = processReader(
    host,
    (errno, pid) => addGap(draft, 'processes', { errno, pid }),
    request.cgroups,
  )
  if (request.details.leaders) findLeaders(context, wanted, reader)
  const pids = new Set<number>()
  for (const ns of wanted) {
    if (ns.leader !== null) pids.add(ns.leader)
    else if (ns.members.length > 0 && request.details.leaders) addUnknown(ns, 'leader')
  }
  if (request.details.holders) {
    const holders = holderPids(wanted)
    reader.read([...holders], { users: false, cmdlineBytes: 0 })
    for (const pid of holders) pids.add(pid)
  }
  return [...pids].sort((a, b) => a - b).flatMap((pid) => reader.get(pid) ?? [])
}

function holderPids(wanted: readonly DraftNamespace[]): Set<number> {
  const pids = new Set<number>()
  for (const { holders } of wanted) {
    for (const { pid } of holders) if (pid !== null) pids.add(pid)
  }
  return pids
}
