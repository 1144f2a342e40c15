import { isInitialInum, type NsType } from '../../kernel/namespace-types.ts'
import type { LimitsFacts } from '../../model/limits.ts'
import type { Namespace } from '../../model/snapshot.ts'
import { OVERFLOW_ID } from '../capable.ts'
import { outsideOf } from '../id-maps.ts'

/** Whoever a namespace counts for in a user namespace. */
interface Charge {
  readonly userNs: number
  readonly uid: number
  /** The kernel tells it: who owns a user namespace. Else it is who has probably created it. */
  readonly sure: boolean
}

/** How many namespaces count for one uid in one user namespace. */
export interface Use {
  /** All, with those that it has probably created. */
  readonly used: number
  readonly certain: number
}

export type UseOf = (charged: { userNs: number; uid: number; type: NsType }) => Use

type Known = Pick<LimitsFacts, 'namespaces' | 'initial' | 'users' | 'maps' | 'reader'>

/**
 * Counts as the kernel does (inc_ucount() in kernel/ucount.c): a namespace is charged to its creator in the
 * user namespace that owns it, then to the owner of that one in its parent, and so on. The kernel shows no such
 * number, and no creator of a namespace other than a user namespace.
 */
export function countUse(facts: Known): UseOf {
  const counts = new Map<string, { used: number; certain: number }>()
  const initial = new Set(facts.initial)
  for (const namespace of facts.namespaces) {
    if (initial.has(namespace.inum)) continue
    for (const { userNs, uid, sure } of chargesOf(namespace, facts)) {
      const key = keyOf({ userNs, uid, type: namespace.type })
      const count = counts.get(key) ?? { used: 0, certain: 0 }
      counts.set(key, count)
      count.used++
      if (sure) count.certain++
    }
  }
  return (charged) => counts.get(keyOf(charged)) ?? { used: 0, certain: 0 }
}

function keyOf({ userNs, uid, type }: Parameters<UseOf>[0]): string {
  return `${userNs} ${uid} ${type}`
}

function chargesOf({ type, inum, owner }: Namespace, facts: Known): Charge[] {
  const charges: Charge[] = []
  const creator = type === 'user' || owner === null ? null : creatorIn(owner, facts)
  if (owner !== null && creator) charges.push({ userNs: owner, ...creator })
  const seen = new Set<number>()
  // Bounded by what is known, should a broken document hold a loop.
  for (let at = type === 'user' ? inum : owner; at !== null && !seen.has(at); ) {
    seen.add(at)
    const known = facts.users.get(at)
    if (!known || known.parent === null) break
    const { parent, ownerUid: uid } = known
    if (uid !== null) charges.push({ userNs: parent, uid, sure: isTold(uid, facts) })
    at = parent
  }
  return charges
}

/** All who have no number in the reader's user namespace are shown as the same. */
function isTold(uid: number, { reader }: Known): boolean {
  return uid !== OVERFLOW_ID || (reader !== null && isInitialInum(reader))
}

export interface Creator {
  readonly uid: number
  readonly sure: boolean
}

/**
 * Who creates namespaces in a user namespace, for it takes CAP_SYS_ADMIN there: whoever is uid 0 in it, else who
 * has made it. There is nobody else where the map has no other id.
 *
 * @returns null where it cannot be told
 */
export function creatorIn(userNs: number, { users, maps, initial }: Known): Creator | null {
  if (initial.includes(userNs)) return { uid: 0, sure: false }
  const ownerUid = users.get(userNs)?.ownerUid ?? null
  const map = maps.get(userNs)
  if (!map) return ownerUid === null ? null : { uid: ownerUid, sure: false }
  const ids = map.reduce((sum, { count }) => sum + count, 0)
  const uid = outsideOf(0, map) ?? ownerUid
  if (uid === null) return null
  return { uid, sure: ids === 0 || (ids === 1 && map[0]?.outside === uid && ownerUid === uid) }
}
