import { isInitialInum, type NsType, nsTypeRow } from '../../kernel/namespace-types.ts'
import { formatNsLink } from '../../kernel/ns-link.ts'
import type { ReachedLimit } from '../../model/limits.ts'
import type { Cause } from '../run/told.ts'

/** Why no namespace of a type can be had any more: inc_ucount() in kernel/ucount.c, at each level. */
export function reachedCauses(type: NsType, reached: readonly ReachedLimit[]): Cause[] {
  return reached
    .filter((each) => each.type === type)
    .map((each) => ({
      ...{ errno: 'ENOSPC', why: whyText(each), hint: hintText(each), certain: each.certain },
    }))
}

function settingOf(type: NsType): string {
  return `user.max_${type}_namespaces`
}

function placeText(userNs: number): string {
  return isInitialInum(userNs) ? 'the initial user namespace' : formatNsLink('user', userNs)
}

function whyText({ type, userNs, uid, used, limit, certain }: ReachedLimit): string {
  const setting = `${settingOf(type)} is ${limit} in ${placeText(userNs)}`
  if (limit === 0) return setting
  const { title } = nsTypeRow(type)
  const namespaces = `${used} ${title} namespace${used === 1 ? '' : 's'}`
  return certain
    ? `${setting}, and uid ${uid} has ${namespaces} there`
    : `${setting}, and it seems that uid ${uid} has ${namespaces} there`
}

function hintText({ type, userNs, used, limit }: ReachedLimit): string {
  const raise = `as root there: sysctl -w ${settingOf(type)}=${Math.max(10_000, used * 2)}`
  return limit === 0 || !isInitialInum(userNs)
    ? raise
    : `end what keeps some alive (nsx list -t ${type}); or ${raise}`
}
