import { directDependents } from '../../model/dependents.ts'
import type { Namespace } from '../../model/snapshot.ts'

/**
 * Tells of each namespace whether it would live on if some processes ended: whether anything holds it that is
 * not theirs, all the way down (a mount lives as long as the mount namespace in which it stands).
 *
 * @param readerMounts the reader's own mount namespace, which we keep ourselves.
 */
export function survivors(
  namespaces: readonly Namespace[],
  ended: ReadonlySet<number>,
  readerMounts: number | null,
): (inum: number) => boolean {
  const byInum = new Map(namespaces.map((ns) => [ns.inum, ns]))
  const told = new Map<number, boolean>()
  const survives = (inum: number): boolean => {
    const known = told.get(inum)
    if (known !== undefined) return known
    // Round in a circle nothing is held.
    told.set(inum, false)
    const answer = isHeld(inum)
    told.set(inum, answer)
    return answer
  }
  const isHeld = (inum: number): boolean => {
    const ns = byInum.get(inum)
    if (!ns) return true
    if (ns.members.some((pid) => !ended.has(pid))) return true
    for (const { kind, pid, namespace } of ns.holders) {
      if (kind === 'child' || kind === 'owned') continue
      if (kind !== 'mount' && (pid === null || !ended.has(pid))) return true
      if (kind !== 'mount') continue
      if (namespace === null || namespace === readerMounts || survives(namespace)) return true
    }
    return directDependents(ns).some((dependent) => survives(dependent.inum))
  }
  return survives
}
