import type { Population } from '../../model/population.ts'
import type { Process } from '../../model/snapshot.ts'
import { type ContainerRow, containerRows } from '../container-row.ts'
import { lossyPaths } from '../lossy.ts'
import type { LeaderRow } from '../rows.ts'

/** A process of a tree; the field names are the JSON contract's. */
export interface TreeMember extends LeaderRow {
  /** Its pid in each PID namespace, from the reader's down to its own; empty: `unknown` names it. */
  readonly nsPids: readonly number[]
  readonly container: ContainerRow | null
  readonly unknown: readonly string[]
  readonly lossy: readonly string[]
}

/** Makes rows of the processes that were looked at closely; null for one that is gone. */
export function treeMembers({
  snapshot,
  placed,
  containers,
}: Population): (pid: number) => TreeMember | null {
  const closely = new Map(snapshot.processes.map((process) => [process.pid, process]))
  const nsPids = new Map(placed.map((process) => [process.pid, process.nsPids]))
  const rowOf = containerRows()
  return (pid) => {
    const process = closely.get(pid)
    if (!process) return null
    const container = containers[pid]
    return memberOf(process, nsPids.get(pid) ?? [], container && rowOf(container))
  }
}

function memberOf(
  { pid, ppid, startTicks, comm, uid, user, args, lossy }: Process,
  nsPids: readonly number[],
  container: ContainerRow | null | undefined,
): TreeMember {
  return {
    ...{ pid, tid: null, startTicks, comm, ppid, uid, user },
    command: args && args.length > 0 ? args.join(' ').trimEnd() : comm,
    args: args ?? [],
    nsPids,
    container: container ?? null,
    unknown: [
      ...(uid === null ? ['uid'] : []),
      ...(args === null ? ['args'] : []),
      ...(nsPids.length === 0 ? ['nsPids'] : []),
      ...(container === undefined ? ['container'] : []),
    ],
    lossy: [...lossy, ...lossyPaths(container?.name, 'container.name')],
  }
}

/** The member processes of a namespace: its leader, the others by pid, and threads of the kernel last. */
export function membersByNamespace(
  population: Population,
): (inum: number) => readonly TreeMember[] {
  const member = treeMembers(population)
  const namespaces = new Map(population.snapshot.namespaces.map((ns) => [ns.inum, ns]))
  const kernel = new Set(
    population.placed.filter(({ kernelThread }) => kernelThread).map(({ pid }) => pid),
  )
  return (inum) => {
    const ns = namespaces.get(inum)
    if (!ns) return []
    const rank = (pid: number): number => Number(kernel.has(pid)) * 2 - Number(pid === ns.leader)
    const pids = [...ns.members].sort((a, b) => rank(a) - rank(b) || a - b)
    return pids.flatMap((pid) => member(pid) ?? [])
  }
}
