import type { IdMapLine } from '../../kernel/id-map.ts'
import type { EnterFacts } from '../../model/enter-facts.ts'

/** The uid map of the user namespace that the command will be in; null: it is unknown, or the caller's own. */
export function commandUidMap({ named, target, maps }: EnterFacts): readonly IdMapLine[] | null {
  const user = named.get('user')?.inum ?? target?.inums.user
  return (user === undefined ? null : maps.get(user)?.uids) ?? null
}
