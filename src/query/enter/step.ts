import type { Caller } from '../../model/caller.ts'
import type { Advice, Forecast, Operation, PlannedStep } from '../../model/exec-plan.ts'
import { WORKS } from '../forecast/capability.ts'

export interface StepKnowledge {
  readonly forecast?: Forecast
  /** What other errnos mean. */
  readonly advice?: readonly Advice[]
  readonly optional?: true
}

/** A step of which a refusal is told in the words of its forecast. */
export function step(
  operation: Operation,
  what: string,
  { forecast = WORKS, advice = [], optional }: StepKnowledge = {},
): PlannedStep {
  const { errno, why, hint } = forecast
  const foreseen = forecast.outcome === 'works' || errno === null ? [] : [{ errno, why, hint }]
  const others = advice.filter((each) => each.errno === null || each.errno !== foreseen[0]?.errno)
  return {
    ...{ operation, what, advice: [...foreseen, ...others] },
    ...(optional ? { optional } : {}),
    forecast,
  }
}

/** All must go well: the first that fails decides, then the first of which nothing is known. */
export function allOf(forecasts: readonly Forecast[]): Forecast {
  return (
    forecasts.find(({ outcome }) => outcome === 'fails') ??
    forecasts.find(({ outcome }) => outcome === 'unknown') ??
    forecasts[0] ??
    WORKS
  )
}

/** Calls that seccomp filters of containers and services forbid: setns(2), unshare(2), mount(2), chroot(2). */
export function filtered({ subject }: Caller, forecast: Forecast): Forecast {
  if (forecast.outcome !== 'works' || subject.credentials?.seccomp !== 2) return forecast
  const hint = 'run nsx outside of what it is confined in'
  return { outcome: 'unknown', errno: 'EPERM', why: SECCOMP, hint }
}

const SECCOMP = 'a seccomp filter of the caller may forbid it'

/** What a refusal means that no rule has foreseen. */
export const FORBIDDEN: Advice = {
  errno: 'EPERM',
  why: 'a security module forbids it, or rights have changed meanwhile',
  hint: null,
}
