import type { Namespace } from './snapshot.ts'

/** A namespace that keeps another one alive, for it is below it or owned by it. */
export interface Dependent {
  readonly inum: number
  readonly relation: 'child' | 'owned'
  /** Which one it keeps alive: the namespace that was asked about, or another dependent of it. */
  readonly of: number
}

/**
 * Everything that keeps a namespace alive by being below it, the nearest first, each once. A child user
 * namespace is owned by its parent as well (user_namespaces(7)): that is one reference, of a child.
 */
export function dependentsOf(namespaces: readonly Namespace[], inum: number): Dependent[] {
  const byInum = new Map(namespaces.map((ns) => [ns.inum, ns]))
  const seen = new Set([inum])
  const found: Dependent[] = []
  for (let of: number | undefined = inum, next = 0; of !== undefined; of = found[next++]?.inum) {
    for (const { inum, relation } of directDependents(byInum.get(of))) {
      if (seen.has(inum)) continue
      seen.add(inum)
      found.push({ inum, relation, of })
    }
  }
  return found
}

/** Those without anything in between: its children, then what else it owns; ascending by inode. */
export function directDependents(
  ns: Pick<Namespace, 'holders'> | undefined,
): Pick<Dependent, 'inum' | 'relation'>[] {
  const of = (wanted: Dependent['relation']): number[] =>
    (ns?.holders ?? []).flatMap(({ kind, namespace }) => (kind === wanted && namespace) || [])
  const children = new Set(of('child'))
  const owned = new Set(of('owned').filter((inum) => !children.has(inum)))
  const sorted = (inums: ReadonlySet<number>): number[] => [...inums].sort((a, b) => a - b)
  return [
    ...sorted(children).map((inum) => ({ inum, relation: 'child' as const })),
    ...sorted(owned).map((inum) => ({ inum, relation: 'owned' as const })),
  ]
}
