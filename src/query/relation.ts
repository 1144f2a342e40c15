import { nsTypeRow } from '../kernel/namespace-types.ts'
import type { KnownNamespace } from '../model/inspection.ts'

/**
 * How two namespaces of a type stand to each other. User and PID namespaces form trees; those of the
 * other types have an owner each, and these stand in the tree of user namespaces.
 */
export interface Relation {
  /** Whether the namespaces themselves are compared, or their owners. */
  readonly of: 'namespace' | 'owner'
  /** What the first is to the second. `related`: both descend from `common`; `unknown`: not told. */
  readonly kind: 'same' | 'ancestor' | 'descendant' | 'related' | 'unknown'
  /** Steps from the one to the other; null where neither descends from the other. */
  readonly distance: number | null
  /** Inode of the nearest common ancestor, where neither descends from the other. */
  readonly common: number | null
}

export type Namespaces = ReadonlyMap<number, KnownNamespace>

/** @param known both namespaces with their ancestors and owners, by inode. */
export function relationOf(a: KnownNamespace, b: KnownNamespace, known: Namespaces): Relation {
  if (nsTypeRow(a.type).hasParent) return { of: 'namespace', ...treeRelation(a, b, known) }
  const owners = [a.owner, b.owner].map((inum) => (inum === null ? undefined : known.get(inum)))
  const [ownerA, ownerB] = owners
  return ownerA && ownerB
    ? { of: 'owner', ...treeRelation(ownerA, ownerB, known) }
    : { of: 'owner', ...UNKNOWN }
}

const UNKNOWN = { kind: 'unknown', distance: null, common: null } as const

function treeRelation(
  a: KnownNamespace,
  b: KnownNamespace,
  known: Namespaces,
): Omit<Relation, 'of'> {
  const upFromA = lineage(a, known)
  const upFromB = lineage(b, known)
  const down = upFromB.indexOf(a.inum)
  const up = upFromA.indexOf(b.inum)
  if (down === 0) return { kind: 'same', distance: 0, common: null }
  if (down > 0) return { kind: 'ancestor', distance: down, common: null }
  if (up > 0) return { kind: 'descendant', distance: up, common: null }
  const common = upFromA.find((inum) => upFromB.includes(inum))
  return common === undefined ? UNKNOWN : { kind: 'related', distance: null, common }
}

/** The namespace, its parent, and so on, as far as they are known. */
export function lineage(from: KnownNamespace, known: Namespaces): number[] {
  const inums: number[] = []
  // Bounded by what is known, should a broken document hold a loop.
  for (
    let ns: KnownNamespace | undefined = from;
    ns !== undefined && !inums.includes(ns.inum);
    ns = ns.parent === null ? undefined : known.get(ns.parent)
  ) {
    inums.push(ns.inum)
  }
  return inums
}

/** Levels below the initial one; null: not all ancestors are known. */
export function levelOf(ns: KnownNamespace, known: Namespaces): number | null {
  const up = lineage(ns, known)
  const top = known.get(up.at(-1) as number)
  return top?.initial ? up.length - 1 : null
}
