import { isInitialInum } from '../../kernel/namespace-types.ts'
import type { Pair } from '../../model/pair.ts'
import { OVERFLOW_ID } from '../capable.ts'
import { insideOf, outsideOf } from '../id-maps.ts'
import { type Rule, swap, type Told } from './rule.ts'

/** What a user of one is in the other (user_namespaces(7)): whose are its files there? */
export const IDS: readonly Rule[] = [
  { rule: 'uids', tell: users },
  { rule: 'uids-back', tell: (pair) => users(swap(pair)) },
]

/** The uid of B's process, as B itself and as A numbers it; null: it has no number there. */
function userSeen({ a, b, kernelIds }: Pair): { own: number | null; seen: number | null } | null {
  const uid = b.subject.credentials?.uid.effective
  if (uid === undefined || !a.uidMap || !b.uidMap) return null
  if (uid === OVERFLOW_ID && !kernelIds) return null
  return { own: insideOf(uid, b.uidMap), seen: insideOf(uid, a.uidMap) }
}

/** Holds where the user has the same number in both. */
function users(pair: Pair): Told {
  const { a, b } = pair
  const told = userSeen(pair)
  if (!told)
    return {
      holds: null,
      text: `what the user of ${b.name} is to ${a.name} cannot be told from here`,
    }
  const { own, seen } = told
  const user = own === null ? `the unmapped user of ${b.name}` : `uid ${own} of ${b.name}`
  if (seen === null) {
    const nobody = `it shows as ${OVERFLOW_ID} (nobody)`
    return {
      holds: false,
      text: `${user} has no uid in ${a.name}'s user namespace: ${nobody} there`,
    }
  }
  if (own === seen)
    return { holds: true, text: `${user} is uid ${seen} to ${a.name} as well${root(pair)}` }
  return { holds: false, text: `${user} is uid ${seen} to ${a.name}` }
}

/** The same number for root, yet of another user namespace, does not make it root there. */
function root({ a, b }: Pair): string {
  const [own, other] = [a.subject.links.user, b.subject.links.user]
  if (own === other || own === undefined || other === undefined) return ''
  const zero = b.uidMap && outsideOf(0, b.uidMap)
  return zero === 0 && !isInitialInum(other) ? ', though in another user namespace' : ''
}
