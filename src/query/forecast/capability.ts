import type { Capability } from '../../kernel/capabilities.ts'
import { isInitialInum } from '../../kernel/namespace-types.ts'
import { formatNsLink } from '../../kernel/ns-link.ts'
import type { Caller } from '../../model/caller.ts'
import type { Forecast } from '../../model/exec-plan.ts'
import { capableIn } from '../capable.ts'

/** A capability that the kernel will ask for. */
export interface Needed {
  readonly capability: Capability
  /** Where: its inode; of another namespace, that of its owner. */
  readonly userNamespace: number
  /** What is said of that user namespace beside its name: `of web`, `of the caller`; empty: nothing. */
  readonly whose: string
}

/** What is known of a step that asks for nothing, or whose conditions are met. */
export const WORKS: Forecast = { outcome: 'works', errno: null, why: null, hint: null }

/** Whether the caller has a capability in a user namespace, by the kernel's rule, and in words (EPERM). */
export function capabilityForecast(caller: Caller, needed: Needed): Forecast {
  const { capability, userNamespace } = needed
  const capable = capableIn(caller.subject, {
    ...{ capability, target: userNamespace },
    ...{ users: caller.kinship.users, kernelIds: caller.kernelIds },
  })
  const needs = `it needs ${capability} in ${namespaceName(needed)}`
  const who = callerName(caller)
  if (capable) return { ...WORKS, why: `${needs}, which ${who} has` }
  if (capable === false) {
    const why = `${needs}, which ${who} does not have`
    return { outcome: 'fails', errno: 'EPERM', why, hint: remedy(caller, needed) }
  }
  const why = `${needs}; whether ${who} has it is out of sight`
  return { outcome: 'unknown', errno: 'EPERM', why, hint: remedy(caller, needed) }
}

/** `the initial user namespace`, or `user:[4026532281] (of web)`. */
function namespaceName({ userNamespace, whose }: Needed): string {
  if (isInitialInum(userNamespace)) return 'the initial user namespace'
  const link = formatNsLink('user', userNamespace)
  return whose === '' ? link : `${link} (${whose})`
}

/** `uid 1000`; of another user namespace than the initial one, which uid that is: `uid 0 of user:[4026532281]`. */
export function callerName({ subject }: Caller): string {
  const uid = subject.credentials?.uid.effective
  const who = uid === undefined ? 'the caller' : `uid ${uid}`
  const user = subject.links.user
  return user === undefined || isInitialInum(user) ? who : `${who} of ${formatNsLink('user', user)}`
}

function remedy(caller: Caller, { capability, userNamespace }: Needed): string {
  const { subject, kinship } = caller
  const user = subject.links.user
  if (user !== undefined && !isInitialInum(user)) {
    const where = isInitialInum(userNamespace) ? 'the initial user namespace' : 'one above of it'
    return `run nsx outside of ${formatNsLink('user', user)}: in ${where}`
  }
  if (subject.credentials?.uid.effective === 0) {
    return `root was left without ${capability} here: run nsx where it was not taken away`
  }
  const owner = kinship.users.get(userNamespace)?.ownerUid ?? 0
  return `run it as root: sudo nsx …${owner === 0 ? '' : `; or as uid ${owner}, who created it`}`
}
