import { isGone } from '../../kernel/errno.ts'
import { isInitialInum, type NsType, nsTypeRow } from '../../kernel/namespace-types.ts'
import type { Caller } from '../../model/caller.ts'
import type { EnterFacts, EnterTarget } from '../../model/enter-facts.ts'
import type { Forecast } from '../../model/exec-plan.ts'
import { isWithin } from '../ancestry.ts'
import { capableIn } from '../capable.ts'
import { callerName, capabilityForecast, WORKS } from '../forecast/capability.ts'
import type { Join } from './choose.ts'
import { allOf } from './step.ts'

/** What counts at the moment of a setns(2). */
export interface Moment {
  /** With the credentials of that moment. */
  readonly caller: Caller
  /** The user namespace that the call ends in; null: it could not be read. */
  readonly resulting: number | null
  readonly target: EnterTarget | null
}

/** Whether one namespace can be entered: the *_install() of its type, in the order of its checks. */
export function joinForecast(join: Join, moment: Moment): Forecast {
  const { type, inum } = join
  if (inum === null) return unread(join)
  const checks = [ownerForecast(join, inum, moment)]
  if (type === 'user') return allOf([sameUser(join, moment), ...checks])
  if (type === 'mnt') checks.push(resultingForecast('CAP_SYS_CHROOT', moment))
  checks.push(resultingForecast('CAP_SYS_ADMIN', moment))
  if (type === 'pid') checks.push(descendantForecast(join, inum, moment))
  return allOf(checks)
}

/** What cannot be read cannot be told; whether it may be entered is the rule of ptrace, elsewhere. */
function unread({ type }: Join): Forecast {
  const why = `which ${nsTypeRow(type).title} namespace it is could not be read`
  return { outcome: 'unknown', errno: null, why, hint: null }
}

function sameUser({ inum, whose }: Join, { caller }: Moment): Forecast {
  if (inum !== caller.subject.links.user) return WORKS
  const why = `the user namespace ${whose} is our own already`
  return { outcome: 'fails', errno: 'EINVAL', why, hint: 'leave out --user' }
}

/** CAP_SYS_ADMIN in the owner; a user namespace is asked for itself. */
function ownerForecast({ type }: Join, inum: number, moment: Moment): Forecast {
  const { caller } = moment
  const owner = type === 'user' ? inum : caller.kinship.owners.get(inum)
  if (typeof owner === 'number') {
    const forecast = capabilityForecast(caller, {
      ...{ capability: 'CAP_SYS_ADMIN', userNamespace: owner },
      whose: ownerName(owner, moment),
    })
    return type === 'user' ? forecast : orLeftOut(forecast, type)
  }
  const what = `the user namespace that owns the ${nsTypeRow(type).title} namespace`
  // nsfs names every owner but those that are not below of our own user namespace.
  if (owner === null && !caller.kernelIds) {
    const why = `it needs CAP_SYS_ADMIN in ${what}, which is not below of our own`
    return orLeftOut({ outcome: 'fails', errno: 'EPERM', why, hint: outside(caller) }, type)
  }
  if (isAllPowerful(caller)) return WORKS
  const why = `it needs CAP_SYS_ADMIN in ${what}, which could not be read`
  return { outcome: 'unknown', errno: 'EPERM', why, hint: 'run it as root: sudo nsx …' }
}

/** Whoever has it in the initial user namespace has it in all. */
function isAllPowerful(caller: Caller): boolean {
  const { user } = caller.subject.links
  return user !== undefined && isInitialInum(user) && isCapable(caller, user)
}

function isCapable({ subject, kinship, kernelIds }: Caller, target: number): boolean {
  const question = { target, users: kinship.users, kernelIds }
  return capableIn(subject, { ...question, capability: 'CAP_SYS_ADMIN' }) === true
}

function outside({ subject }: Caller): string {
  const { user } = subject.links
  return user === undefined ? 'run nsx elsewhere' : `run nsx outside of user:[${user}]`
}

function ownerName(owner: number, { target }: Moment): string {
  return target && owner === target.inums.user ? `that of ${target.name}` : ''
}

function resultingForecast(
  capability: 'CAP_SYS_ADMIN' | 'CAP_SYS_CHROOT',
  moment: Moment,
): Forecast {
  const { caller, resulting } = moment
  if (resulting === null) {
    return { outcome: 'unknown', errno: 'EPERM', why: 'its user namespace is unknown', hint: null }
  }
  const whose = ownerName(resulting, moment)
  const forecast = capabilityForecast(caller, { capability, userNamespace: resulting, whose })
  if (forecast.outcome === 'works' || !wouldHelp(moment)) return forecast
  return { ...forecast, hint: `enter its user namespace, too: --user; or ${forecast.hint}` }
}

/** The user namespace of the target is not entered, and the caller has rights in it. */
function wouldHelp({ caller, resulting, target }: Moment): boolean {
  const user = target?.inums.user
  if (user === undefined || user === resulting || resulting !== caller.subject.links.user) {
    return false
  }
  return isCapable(caller, user)
}

const FLAGS: Readonly<Partial<Record<NsType, string>>> = { mnt: '--mount' }

function orLeftOut(forecast: Forecast, type: NsType): Forecast {
  if (forecast.outcome === 'works') return forecast
  const without = `without ${FLAGS[type] ?? `--${type}`} (--all leaves out what is refused)`
  return { ...forecast, hint: `${forecast.hint}; or enter ${without}` }
}

/** pidns_install(): one cannot go up, nor sideways. */
function descendantForecast({ whose }: Join, inum: number, { caller }: Moment): Forecast {
  const own = caller.subject.links.pid
  if (own === undefined) return WORKS
  const within = isWithin(inum, own, (each) => caller.kinship.pidParents.get(each))
  if (within === true) return WORKS
  const hint = 'run nsx in its PID namespace, or in one above of it; or leave out --pid'
  const rule = 'a process can only go to its own PID namespace or to one below of it'
  if (within === false) {
    const why = `${rule}, and the one ${whose} is not`
    return { outcome: 'fails', errno: 'EINVAL', why, hint }
  }
  // nsfs names every parent but those that are not below of our own PID namespace.
  const parent = caller.kinship.pidParents.get(inum)
  const outcome = parent === null && !isInitialInum(own) ? 'fails' : 'unknown'
  return { outcome, errno: 'EINVAL', why: `${rule}; the one ${whose} is out of sight`, hint }
}

/**
 * Whether the caller may look into the target as ptrace(2) has it (PTRACE_MODE_READ): it decides about its
 * files in /proc, and about setns(2) with its pidfd. That a link could be read shows it.
 *
 * @param errno how the kernel refuses: EACCES for files, EPERM for setns(2)
 */
export function traceForecast(
  { caller, target }: Pick<EnterFacts, 'caller' | 'target'>,
  errno: 'EACCES' | 'EPERM',
): Forecast {
  if (!target || Object.keys(target.inums).length > 0) return WORKS
  const [first] = Object.values(target.errnos)
  if (first !== undefined && isGone(first)) return ended(target)
  const rule =
    'it needs the right to trace the target (ptrace(2)): its user with all of its capabilities, ' +
    'or CAP_SYS_PTRACE in its user namespace'
  const uid = target.subject.credentials?.uid.real
  const facts = uid === undefined ? '' : `; it runs as uid ${uid}, and we are ${callerName(caller)}`
  const root = caller.subject.credentials?.uid.effective === 0
  const hint = !root
    ? 'run it as root: sudo nsx …'
    : caller.kernelIds
      ? 'a security module may forbid it, or CAP_SYS_PTRACE is missing'
      : outside(caller)
  return { outcome: 'fails', errno, why: `${rule}${facts}`, hint }
}

/** What is to be opened of the target in /proc: a zombie has nothing there any more (ENOENT). */
export function lookForecast(facts: Pick<EnterFacts, 'caller' | 'target'>): Forecast {
  const traced = traceForecast(facts, 'EACCES')
  const { target } = facts
  if (traced.outcome !== 'works' || !target || !isZombie(target)) return traced
  return { ...ended(target), errno: 'ENOENT' }
}

/** A leader that has ended before its threads is none. */
export function isZombie({ subject, thread }: EnterTarget): boolean {
  return subject.state === 'Z' && !thread
}

/** Of a zombie no namespaces are left but two that cannot be entered any more. */
export function ended({ name, subject }: EnterTarget): Forecast {
  const why =
    subject.state === 'Z'
      ? `${name} has exited: it is a zombie, and has no namespaces any more`
      : `${name} has ended`
  return { outcome: 'fails', errno: 'ESRCH', why, hint: 'name a process that is alive' }
}
