import type { NsType } from '../kernel/namespace-types.ts'
import type { Snapshot } from '../model/snapshot.ts'

/** The namespaces of a process, by type, as far as they are known. */
export type NsSet = Readonly<Partial<Record<NsType, number>>>

/** By pid: in which namespaces each process is. Who is in none that could be told, is not there. */
export function nsSetsOf({ namespaces }: Pick<Snapshot, 'namespaces'>): Map<number, NsSet> {
  const sets = new Map<number, Partial<Record<NsType, number>>>()
  for (const { type, inum, members } of namespaces) {
    for (const pid of members) {
      const set = sets.get(pid)
      if (set) set[type] = inum
      else sets.set(pid, { [type]: inum })
    }
  }
  return sets
}
