import { directDependents } from '../../model/dependents.ts'
import type { Holder, HolderKind, Namespace } from '../../model/snapshot.ts'

/** What of one kind keeps a namespace alive. */
export interface HolderGroup {
  readonly kind: HolderKind
  /** How many there are. */
  readonly count: number
  /** Pids of member processes; empty for the other kinds. */
  readonly members: readonly number[]
  /** Empty for member processes. */
  readonly holders: readonly Holder[]
}

/** In which order they are told: who is in it comes first. */
const ORDER: readonly HolderKind[] = [
  ...(['process', 'thread', 'forChildren', 'descriptor', 'socket', 'device'] as const),
  ...(['mount', 'child', 'owned'] as const),
]

/** Everything that keeps it alive, by kind; a kind of which there is none is left out. */
export function holderGroups(ns: Namespace): HolderGroup[] {
  const below = new Map(directDependents(ns).map(({ inum, relation }) => [inum, relation]))
  const holdersOf = (kind: HolderKind): Holder[] =>
    ns.holders.filter((holder) => holder.kind === kind && isOwnKind(holder, below))
  return ORDER.flatMap((kind): HolderGroup[] => {
    const members = kind === 'process' ? ns.members : []
    const holders = kind === 'process' ? [] : holdersOf(kind)
    const count = members.length + holders.length
    return count > 0 ? [{ kind, count, members, holders }] : []
  })
}

/** A child user namespace is owned by its parent, too: it is told as a child. */
function isOwnKind(
  { kind, namespace }: Holder,
  below: ReadonlyMap<number, 'child' | 'owned'>,
): boolean {
  return kind !== 'owned' || namespace === null || below.get(namespace) === 'owned'
}
