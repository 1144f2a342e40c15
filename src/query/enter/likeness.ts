import { type Limit, lowerLimit, OPEN_FILES, resourceName } from '../../kernel/limits.ts'
import type { Caller } from '../../model/caller.ts'
import type { EnterFacts, EnterTarget } from '../../model/enter-facts.ts'
import type { EnterRequest } from '../../model/enter-request.ts'
import type { Forecast, PlannedStep } from '../../model/exec-plan.ts'
import { capabilityForecast, WORKS } from '../forecast/capability.ts'
import { step } from './step.ts'

/** What makes the command no stronger than the target (--like), and what cannot. */
export interface Likeness {
  readonly before: readonly PlannedStep[]
  /** Limits and the umask: before the rights to set them are gone. */
  readonly limits: readonly PlannedStep[]
  /** After the ids. */
  readonly capabilities: readonly PlannedStep[]
  readonly notes: readonly string[]
}

/** @param after the caller after it has entered */
export function planLikeness(request: EnterRequest, facts: EnterFacts, after: Caller): Likeness {
  const { target } = facts
  if (!request.like || !target) {
    return { before: [], limits: limitSteps([], facts), capabilities: [], notes: [] }
  }
  const { credentials } = target.subject
  const umask = credentials?.umask ?? null
  return {
    before: oomSteps(target, facts),
    limits: [
      ...limitSteps(target.limits, facts),
      ...(umask === null
        ? []
        : [step({ name: 'umask', mask: Number.parseInt(umask, 8) }, `set the umask ${umask}`)]),
    ],
    capabilities: capabilitySteps(target, after),
    notes: notesOf(target, request),
  }
}

/** To be killed less easily than before is a right of its own (CAP_SYS_RESOURCE), and no weakness. */
function oomSteps({ oomScore, name }: EnterTarget, { callerOomScore }: EnterFacts): PlannedStep[] {
  if (oomScore === null || callerOomScore === null || oomScore <= callerOomScore) return []
  const operation = { name: 'writeOwn', file: 'oom_score_adj', text: String(oomScore) } as const
  return [step(operation, `have the OOM score of ${name}`)]
}

/**
 * The lower one of each limit, so that nobody needs a right for it. That of open files is always put back to
 * what it was before Node raised it.
 */
function limitSteps(wanted: readonly Limit[], { caller, callerLimits }: EnterFacts): PlannedStep[] {
  const own = callerLimits.filter(({ resource }) => resource !== OPEN_FILES)
  const before: Limit[] = caller.openFiles
    ? [{ resource: OPEN_FILES, ...caller.openFiles }]
    : callerLimits.filter(({ resource }) => resource === OPEN_FILES)
  const limits = wanted.flatMap((limit) => {
    const now = [...own, ...before].find(({ resource }) => resource === limit.resource)
    if (!now) return []
    const lowered = lower(limit, now)
    const isSame = lowered.soft === now.soft && lowered.hard === now.hard
    return isSame && limit.resource !== OPEN_FILES ? [] : [lowered]
  })
  const restored = limits.some(({ resource }) => resource === OPEN_FILES) ? [] : before
  return [...limits, ...(caller.openFiles ? restored : [])].map((limit) =>
    step({ name: 'limit', ...limit }, `set the limit of ${resourceName(limit.resource)}`),
  )
}

function lower(a: Limit, b: Limit): Limit {
  const hard = lowerLimit(a.hard, b.hard)
  return { resource: a.resource, soft: lowerLimit(lowerLimit(a.soft, b.soft), hard), hard }
}

const NONE = '0000000000000000'

/** The target's sets are of its own user namespace: in another one they would be more than it has. */
function capabilitySteps({ subject, inums, name }: EnterTarget, after: Caller): PlannedStep[] {
  const { credentials } = subject
  const isThere = inums.user !== undefined && inums.user === after.subject.links.user
  const sets = isThere ? credentials?.capabilities : undefined
  const { bounding = NONE, permitted = NONE, effective = NONE } = sets ?? {}
  const { inheritable = NONE, ambient = NONE } = sets ?? {}
  const what = sets ? `have no more capabilities than ${name}` : 'give up all capabilities'
  const forecast = boundingForecast(bounding, after)
  return [
    step({ name: 'capabilities', bounding, permitted, effective, inheritable, ambient }, what, {
      forecast,
    }),
    ...(credentials?.noNewPrivs
      ? [step({ name: 'noNewPrivs' }, 'gain no privileges by programs (no_new_privs)')]
      : []),
  ]
}

/** What is dropped from the bounding set takes a right (PR_CAPBSET_DROP, prctl(2)). */
function boundingForecast(bounding: string, after: Caller): Forecast {
  const own = after.subject.credentials?.capabilities.bounding
  const { user } = after.subject.links
  if (own === undefined || user === undefined) return WORKS
  const isLess = (BigInt(`0x${own}`) & ~BigInt(`0x${bounding}`)) === 0n
  if (isLess) return WORKS
  const needed = { capability: 'CAP_SETPCAP', userNamespace: user, whose: '' } as const
  return capabilityForecast(after, needed)
}

function notesOf({ subject, label, name }: EnterTarget, { followContext }: EnterRequest): string[] {
  const { seccomp = null, seccompFilters = null } = subject.credentials ?? {}
  const count = seccompFilters === 1 || seccompFilters === null ? 'a seccomp filter' : null
  const filters = count ?? `${seccompFilters} seccomp filters`
  const module = label?.module === 'selinux' ? 'SELinux' : 'AppArmor'
  return [
    ...(seccomp === 2
      ? [`${name} has ${filters}, which cannot be copied: the command is not bound by that`]
      : []),
    ...(label && !followContext
      ? [`${name} is confined by ${module} (${label.name}); the command is not, without -Z`]
      : []),
  ]
}
