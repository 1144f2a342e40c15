import type { NsType } from '../../../src/kernel/namespace-types.ts'
import type { LimitsFacts } from '../../../src/model/limits.ts'
import type { UserNamespace } from '../../../src/model/pair.ts'
import type { Namespace } from '../../../src/model/snapshot.ts'
import { credentials, side } from '../rules/pairs.ts'
import { INITIAL_USER } from '../run/run-case.ts'

export { INITIAL_USER }

/** A namespace that a user namespace owns, or of which it is the parent. */
export function namespace(type: NsType, inum: number, above: number, ownerUid?: number): Namespace {
  const relatives =
    type === 'user' ? { owner: above, parent: above } : { owner: above, parent: null }
  return {
    ...{ type, inum, id: null, members: [], inferredMembers: [], holders: [], ...relatives },
    ...{ ownerUid: ownerUid ?? null, nsid: null, leader: null, unknown: [], atLeast: [] },
  }
}

function usersOf(namespaces: readonly Namespace[]): Map<number, UserNamespace> {
  const initial = { inum: INITIAL_USER, parent: null, ownerUid: 0 }
  const users = namespaces.filter(({ type }) => type === 'user')
  return new Map([
    [INITIAL_USER, initial],
    ...users.map(({ inum, parent, ownerUid }) => [inum, { inum, parent, ownerUid }] as const),
  ])
}

interface Who {
  readonly uid?: number
  readonly userNs?: number
}

/** Root of the initial user namespace, who reads, unless said otherwise. */
export function limitsFacts(
  namespaces: readonly Namespace[] = [],
  { uid = 0, userNs = INITIAL_USER }: Who = {},
  changes: Partial<LimitsFacts> = {},
): LimitsFacts {
  const { subject } = side('A', { credentials: credentials({ uid }), links: { user: userNs } })
  return {
    host: {
      ...{ procfs: '/proc', bootId: null, kernel: null, hostname: null, pidMax: null },
      ...{ takenAt: '2026-11-24T01:02:03.456Z', nsfsDev: null, uid: 0, mntNs: null },
      ...{ userNs: { type: 'user', inum: INITIAL_USER, id: null }, pidNs: null },
    },
    coverage: {
      ...{ complete: true, gaps: [], hidepid: false, unidentified: {} },
      sources: [{ name: 'relatives', state: 'read' }],
    },
    ...{ target: null, subject, user: null, userNs, userNsInferred: false, pidLevel: 0 },
    ...{ namespaces, initial: [INITIAL_USER], users: usersOf(namespaces), maps: new Map() },
    ...{ reader: INITIAL_USER, limits: {}, run: null },
    system: {
      ...{ unprivilegedUsers: null, appArmorRestricts: false, missing: [] },
      ...{ modules: ['capability'], enforcing: null },
    },
    ...changes,
  }
}
