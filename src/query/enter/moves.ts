import { NS_TYPE_NAMES, type NsType } from '../../kernel/namespace-types.ts'
import type { Caller } from '../../model/caller.ts'
import type { EnterFacts } from '../../model/enter-facts.ts'
import type { Forecast } from '../../model/exec-plan.ts'
import { isWithin } from '../ancestry.ts'
import { capableIn } from '../capable.ts'
import { WORKS } from '../forecast/capability.ts'
import { type Join, theNamespace } from './choose.ts'
import { ended, isZombie, joinForecast, type Moment, traceForecast } from './join-forecast.ts'
import { allOf } from './step.ts'

/** One setns(2). */
export interface Move {
  /** All at once, by the pidfd of the target; else it is one, by its own file. */
  readonly pidfd: boolean
  readonly joins: readonly Join[]
  readonly forecast: Forecast
  /** A refusal is told, and the next is tried (--all). */
  readonly optional: boolean
}

export interface Moves {
  readonly moves: readonly Move[]
  readonly skipped: readonly string[]
  /** The caller as it is thereafter. */
  readonly after: Caller
}

/** The order in which the kernel takes the bits of a mask (validate_nsset() in kernel/nsproxy.c). */
const KERNEL_ORDER: readonly NsType[] = [
  ...(['user', 'mnt', 'uts', 'ipc', 'pid', 'cgroup', 'net', 'time'] as const),
]

/**
 * How the namespaces are entered. All of one process in one setns(2) with its pidfd: all or nothing, and each is
 * judged by the credentials that the caller has now. Else one by one, where the credentials of the moment count:
 * first what does not belong to the user namespace that is entered, then that one, then the rest.
 *
 * @param bestEffort what is refused is left out and named, as long as anything is left
 */
export function planMoves(
  joins: readonly Join[],
  facts: EnterFacts,
  { bestEffort }: { readonly bestEffort: boolean },
): Moves {
  const ordered = KERNEL_ORDER.flatMap((type) => joins.find((join) => join.type === type) ?? [])
  const all = movesOf(ordered, facts)
  if (!bestEffort) return { moves: all, skipped: [], after: afterwards(ordered, facts.caller) }
  return leaveOut(ordered, facts)
}

function leaveOut(joins: readonly Join[], facts: EnterFacts): Moves {
  let left = joins
  const skipped: string[] = []
  for (;;) {
    const judged = judge(left, facts)
    // The others depend on the user namespace: they are judged anew without it.
    const refused = left.filter((join) => judged.get(join)?.outcome === 'fails')
    const first = refused.find(({ type }) => type === 'user')
    const leaving = first ? [first] : refused
    // An owner (--user-parent) is that of something.
    const stays = left.some((join) => join.source !== 'owner' && !leaving.includes(join))
    if (leaving.length === 0 || !stays) break
    for (const join of leaving) {
      const why = judged.get(join)?.why
      skipped.push(`${theNamespace(join.type, join.whose)}: ${why}`)
    }
    left = left.filter((join) => !leaving.includes(join))
  }
  const isRefused = left
    .filter(({ source }) => source !== 'owner')
    .every((join) => judge(left, facts).get(join)?.outcome === 'fails')
  const whole = {
    moves: movesOf(joins, facts),
    skipped: [],
    after: afterwards(joins, facts.caller),
  }
  if (isRefused) return whole
  return {
    moves: doubtsLast(left, facts),
    ...{ skipped, after: afterwards(left, facts.caller) },
  }
}

/** With one setns(2) for all, one that is refused would refuse all of them: each doubt is tried by itself. */
function doubtsLast(joins: readonly Join[], facts: EnterFacts): Move[] {
  const judged = judge(joins, facts)
  const doubtful = joins.filter(
    (join) => join.type !== 'user' && judged.get(join)?.outcome === 'unknown',
  )
  if (doubtful.length === 0 || doubtful.length === joins.length) return movesOf(joins, facts)
  const sure = joins.filter((join) => !doubtful.includes(join))
  const later = { ...facts, caller: afterwards(sure, facts.caller) }
  return [
    ...movesOf(sure, facts),
    ...doubtful.flatMap((join) => movesOf([join], later).map((move) => optional(move))),
  ]
}

function optional(move: Move): Move {
  return { ...move, optional: true }
}

/** Each by itself, within all of them. */
function judge(joins: readonly Join[], facts: EnterFacts): Map<Join, Forecast> {
  const judged = new Map<Join, Forecast>()
  for (const { joins: some, pidfd } of movesOf(joins, facts)) {
    const moment = pidfd ? momentOf(joins, facts, facts.caller) : null
    for (const join of some) {
      const at = moment ?? momentIn(joins, join, facts)
      judged.set(join, allOf([accessForecast(join, facts, pidfd), joinForecast(join, at)]))
    }
  }
  return judged
}

function movesOf(joins: readonly Join[], facts: EnterFacts): Move[] {
  if (joins.length === 0) return []
  if (isOneProcess(joins, facts)) {
    const moment = momentOf(joins, facts, facts.caller)
    const forecasts = joins.map((join) => named(join, joins, joinForecast(join, moment)))
    const forecast = allOf([accessForecast(joins[0], facts, true), ...forecasts])
    return [{ pidfd: true, joins, forecast, optional: false }]
  }
  return inPasses(joins, facts).map((join) => {
    const forecast = joinForecast(join, momentIn(joins, join, facts))
    return { pidfd: false, joins: [join], forecast, optional: false }
  })
}

function isOneProcess(joins: readonly Join[], { target, pidfdSetns }: EnterFacts): boolean {
  return pidfdSetns && target?.thread === false && joins.every(({ source }) => source === 'target')
}

/** Of many, it is said which one. */
function named(join: Join, joins: readonly Join[], forecast: Forecast): Forecast {
  if (joins.length === 1 || forecast.why === null) return forecast
  return { ...forecast, why: `${theNamespace(join.type, join.whose)}: ${forecast.why}` }
}

/** What is the target's is within reach only while it lives, and by whoever may trace it. */
function accessForecast(join: Join | undefined, facts: EnterFacts, pidfd: boolean): Forecast {
  const { target } = facts
  if (join?.source !== 'target' || !target) return WORKS
  const traced = traceForecast(facts, pidfd ? 'EPERM' : 'EACCES')
  return isZombie(target) ? allOf([traced, ended(target)]) : traced
}

/** With one call for all, the credentials are those from before, and the user namespace is the new one. */
function momentOf(joins: readonly Join[], { target }: EnterFacts, caller: Caller): Moment {
  const user = joins.find(({ type }) => type === 'user')
  return { caller, target, resulting: user ? user.inum : (caller.subject.links.user ?? null) }
}

/** One by one, what comes after the user namespace has its credentials. */
function momentIn(joins: readonly Join[], join: Join, facts: EnterFacts): Moment {
  const { caller, target } = facts
  const passes = inPasses(joins, facts)
  const user = passes.findIndex(({ type }) => type === 'user')
  const isLater = user >= 0 && passes.indexOf(join) > user
  const now = isLater ? afterwards(passes.slice(0, user + 1), caller) : caller
  return { caller: now, target, resulting: now.subject.links.user ?? null }
}

/**
 * First what does not belong to the new user namespace or one below of it: within it, nobody has rights there.
 * Then the user namespace; then what belongs to it, for which it gives the rights.
 */
function inPasses(joins: readonly Join[], { caller }: EnterFacts): Join[] {
  const user = joins.find(({ type }) => type === 'user')
  if (!user) return inOrder(joins)
  const others = joins.filter((join) => join !== user)
  const isAfter = (join: Join) => belongs(join, user, caller)
  return [
    ...inOrder(others.filter((join) => !isAfter(join))),
    user,
    ...inOrder(others.filter(isAfter)),
  ]
}

function inOrder(joins: readonly Join[]): Join[] {
  return NS_TYPE_NAMES.flatMap((type) => joins.find((join) => join.type === type) ?? [])
}

function belongs({ inum }: Join, user: Join, caller: Caller): boolean {
  const owner = inum === null ? null : caller.kinship.owners.get(inum)
  if (typeof owner === 'number' && user.inum !== null) {
    return isWithin(owner, user.inum, (each) => caller.kinship.users.get(each)?.parent) === true
  }
  // Nothing is known: whoever has rights of its own uses these.
  return !isCapable(caller)
}

function isCapable({ subject, kinship, kernelIds }: Caller): boolean {
  const { user } = subject.links
  if (user === undefined) return false
  const question = { target: user, users: kinship.users, kernelIds }
  return capableIn(subject, { ...question, capability: 'CAP_SYS_ADMIN' }) === true
}

const ALL_CAPABILITIES = '000001ffffffffff'

/** Whoever has entered a user namespace has all capabilities in it (user_namespaces(7)). */
function afterwards(joins: readonly Join[], caller: Caller): Caller {
  const user = joins.find(({ type }) => type === 'user')
  if (!user) return caller
  const { credentials, links } = caller.subject
  const { user: _, ...others } = links
  return {
    ...caller,
    subject: {
      ...caller.subject,
      links: user.inum === null ? others : { ...others, user: user.inum },
      credentials: credentials && {
        ...credentials,
        capabilities: {
          ...credentials.capabilities,
          ...{ permitted: ALL_CAPABILITIES, effective: ALL_CAPABILITIES },
          bounding: ALL_CAPABILITIES,
        },
      },
    },
  }
}
