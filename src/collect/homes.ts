import type { Draft } from './draft.ts'

/** The network namespace of each of the tasks, where it could be read. */
export function homesOf({ namespaces }: Draft, pids: ReadonlySet<number>): Map<number, number> {
  const homes = new Map<number, number>()
  for (const ns of namespaces.values()) {
    if (ns.type !== 'net') continue
    for (const pid of ns.members) if (pids.has(pid)) homes.set(pid, ns.inum)
    // A thread whose leader has exited has descriptors of its own number.
    for (const { kind, tid } of ns.holders) {
      if (kind === 'thread' && tid !== null && pids.has(tid)) homes.set(tid, ns.inum)
    }
  }
  return homes
}
