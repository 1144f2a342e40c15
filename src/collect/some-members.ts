import type { NsType } from '../kernel/namespace-types.ts'
import type { Context } from './context.ts'
import { addGaps, newDraft } from './draft.ts'
import { membersOf } from './members.ts'

/**
 * Members of namespaces, where one of each is enough: processes that could not be read matter only where a
 * namespace has shown none.
 *
 * @returns pids by inode, ascending; empty: none was seen
 */
export function someMembers(
  context: Context,
  type: NsType,
  inums: readonly number[],
): ReadonlyMap<number, readonly number[]> {
  if (inums.length === 0) return new Map()
  const draft = newDraft()
  const { memberships } = membersOf({ ...context, draft }, new Map([[type, new Set(inums)]]))
  const found = new Map(inums.map((inum) => [inum, memberships.get(inum)?.pids ?? []]))
  if ([...found.values()].some((pids) => pids.length === 0)) {
    if (!context.draft.sources.has('processes')) context.draft.sources.set('processes', 'read')
    addGaps(context.draft, [...draft.gaps.values()])
  }
  return found
}
