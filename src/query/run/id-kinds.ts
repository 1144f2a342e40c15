import type { Capability } from '../../kernel/capabilities.ts'
import type { IdMapLine } from '../../kernel/id-map.ts'
import type { OwnIds, RunFacts } from '../../model/run-facts.ts'

export type IdKind = 'user' | 'group'

/** What differs between the maps of users and of groups. */
const ROWS = {
  user: {
    ...{ title: 'user', short: 'uid', mapFile: 'uid_map', file: '/etc/subuid' },
    ...{ flag: '--map-users', tool: 'newuidmap', option: 'subuid', capability: 'CAP_SETUID' },
  },
  group: {
    ...{ title: 'group', short: 'gid', mapFile: 'gid_map', file: '/etc/subgid' },
    ...{ flag: '--map-groups', tool: 'newgidmap', option: 'subgid', capability: 'CAP_SETGID' },
  },
} as const satisfies Record<IdKind, { capability: Capability } & Record<string, string>>

export function idKindRow(kind: IdKind) {
  return ROWS[kind]
}

/** Of whom, and of what, the ids of a map are. */
export interface Whose {
  /** The id that the caller has. */
  readonly effective: number
  /** Those of its user namespace; `inside` is as it numbers them. */
  readonly map: readonly IdMapLine[] | null
  readonly own: OwnIds
  readonly user: { readonly uid: number; readonly name: string | null }
}

/** Root decides about that, so the range is the usual one, not whatever was asked for. */
export function howToGrant(kind: IdKind, { uid, name }: Whose['user']): string {
  const owner = name ?? String(uid)
  const change = `usermod --add-${idKindRow(kind).option}s 100000-165535 ${owner}`
  return `as root: ${change}, which adds the line ${owner}:100000:65536`
}

export function rangeName(first: number, count: number): string {
  return count === 1 ? String(first) : `${first}–${first + count - 1}`
}

export function whoseIds(facts: RunFacts, kind: IdKind): Whose {
  const { uid, gid } = credentialsOf(facts)
  const ids = kind === 'user' ? uid : gid
  return {
    effective: ids.effective,
    map: kind === 'user' ? facts.caller.uidMap : facts.caller.gidMap,
    own: kind === 'user' ? facts.uids : facts.gids,
    user: { uid: uid.real, name: facts.userName },
  }
}

/** One's own are always there. */
export function credentialsOf({ caller }: RunFacts) {
  const { credentials } = caller.subject
  if (!credentials) throw new Error('the credentials of the caller are unknown')
  return credentials
}
