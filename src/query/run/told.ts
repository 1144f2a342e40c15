import type { Errno } from '../../kernel/errno.ts'
import { nsTypeRow } from '../../kernel/namespace-types.ts'
import type { ActionPlan, Advice, Forecast, Operation, PlannedStep } from '../../model/exec-plan.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import { capabilityForecast, type Needed, WORKS } from '../forecast/capability.ts'

/** A reason for which a step fails, or may fail: what is known not to be so is none. */
export interface Cause {
  readonly errno: Errno
  readonly why: string
  readonly hint: string | null
  /** False: it may be so. */
  readonly certain: boolean
}

export type Told = Pick<PlannedStep, 'advice' | 'forecast'>

/**
 * What is known of a step beforehand, and what its refusal will mean: both in the same words.
 *
 * @param causes in the order in which the kernel would meet them
 * @param others what an errno means that none of them foretells
 * @param fine what lets it work
 */
export function foretell(
  causes: readonly Cause[],
  others: readonly Advice[] = [],
  fine: string | null = null,
): Told {
  const cause = causes.find(({ certain }) => certain) ?? causes[0]
  const sorted = [...causes.filter(({ certain }) => certain), ...causes.filter(isDoubt)]
  const forecast: Forecast = cause
    ? {
        outcome: cause.certain ? 'fails' : 'unknown',
        ...{ errno: cause.errno, why: cause.why, hint: cause.hint },
      }
    : { ...WORKS, why: fine }
  return {
    advice: [...sorted.map(({ errno, why, hint }) => ({ errno, why, hint })), ...others],
    forecast,
  }
}

function isDoubt({ certain }: Cause): boolean {
  return !certain
}

/** None where the caller has the capability. */
function capabilityCauses({ caller }: RunFacts, needed: Needed): Cause[] {
  const { outcome, errno, why, hint } = capabilityForecast(caller, needed)
  if (outcome === 'works' || errno === null || why === null) return []
  return [{ errno, why, hint, certain: outcome === 'fails' }]
}

/** As capabilityCauses, in the user namespace that the caller is in. */
export function ownCapabilityCauses(
  facts: RunFacts,
  capability: Needed['capability'],
  hint: string | null = null,
): Cause[] {
  const { user } = facts.caller.subject.links
  if (user === undefined) return []
  const needed = { capability, userNamespace: user, whose: 'of the caller' }
  return capabilityCauses(facts, needed).map((cause) => ({ ...cause, hint: hint ?? cause.hint }))
}

/**
 * As capabilityCauses, in the owner of one of the caller's namespaces. One that is out of sight is above its own
 * user namespace, where it has no capability.
 */
export function ownerCauses(
  facts: RunFacts,
  type: 'mnt' | 'pid',
  capability: Needed['capability'],
): Cause[] {
  const { subject, kinship } = facts.caller
  const inum = subject.links[type]
  const owner = inum === undefined ? undefined : kinship.owners.get(inum)
  if (owner === undefined) return []
  const { title } = nsTypeRow(type)
  if (owner !== null) {
    const whose = `of the ${title} namespace`
    return capabilityCauses(facts, { capability, userNamespace: owner, whose })
  }
  const why =
    `it needs ${capability} in the user namespace that owns the ${title} namespace ` +
    'of the caller, which is above its own'
  return [{ errno: 'EPERM', why, hint: 'run nsx outside of the user namespace', certain: true }]
}

type Extra = Partial<Pick<PlannedStep, 'optional' | 'group'>>

export function step(
  operation: Operation,
  what: string,
  told: Told = foretell([]),
  extra: Extra = {},
): PlannedStep {
  return { operation, what, ...told, ...extra }
}

export type Steps = ActionPlan['steps']
