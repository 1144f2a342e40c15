import { type Capability, hasCapability } from '../kernel/capabilities.ts'
import type { UserNamespace } from '../model/pair.ts'
import type { Subject } from '../model/subject.ts'
import { isWithin, lineOf } from './ancestry.ts'
import type { Truth } from './truth.ts'

export interface CapableQuestion {
  readonly capability: Capability
  /** The user namespace in which it is asked for; of another namespace, its owner. */
  readonly target: number
  readonly users: ReadonlyMap<number, UserNamespace>
  /** Ids are the kernel's own; else 65534 may stand for any that the reader has no number for. */
  readonly kernelIds: boolean
}

/** What an id is shown as that has no number in a user namespace (user_namespaces(7)). */
export const OVERFLOW_ID = 65_534

/**
 * Whether a task has a capability in a user namespace, by the kernel's own rule (cap_capable() in
 * security/commoncap.c): up from the target, its own namespace decides by its effective set, and whoever
 * created a namespace that is a child of its own has all capabilities in it.
 *
 * @returns null where a part of the hierarchy, or an owner, is out of the reader's sight
 */
export function capableIn(
  { links, credentials }: Pick<Subject, 'links' | 'credentials'>,
  question: CapableQuestion,
): Truth {
  const { capability, target, users, kernelIds } = question
  const own = links.user
  if (own === undefined || credentials === null) return null
  const parentOf = (inum: number) => users.get(inum)?.parent
  const line = lineOf(target, parentOf)
  const within = isWithin(target, own, parentOf)
  // The kernel stops at the level of the task's own namespace: the target is not below it.
  if (within !== true) return within
  const at = line.indexOf(own)
  const child = at === 0 ? undefined : users.get(line[at - 1] as number)
  const owns = child ? sameId(child.ownerUid, credentials.uid.effective, kernelIds) : false
  return hasCapability(credentials.capabilities.effective, capability) ? true : owns
}

/** Whether two ids, both as the reader sees them, are one. */
export function sameId(a: number | null, b: number | null, kernelIds: boolean): Truth {
  if (a === null || b === null) return null
  return a === OVERFLOW_ID && b === OVERFLOW_ID && !kernelIds ? null : a === b
}
