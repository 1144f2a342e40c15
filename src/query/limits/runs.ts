import { DEEPEST } from '../../kernel/namespace-nesting.ts'
import { NS_TYPE_NAMES, type NsType, nsTypeRow } from '../../kernel/namespace-types.ts'
import type { Forecast } from '../../model/exec-plan.ts'
import type { LimitsFacts } from '../../model/limits.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { RunRequest } from '../../model/run-request.ts'
import { planRun } from '../plan-run.ts'
import { type LimitLevel, levelsOf, reachedLimits } from './levels.ts'

/** What cannot be seen from where the reader is, and is taken to be no hindrance. */
export const ASSUMPTIONS = ['above', 'userNesting', 'pidNesting', 'limits'] as const
export type Assumption = (typeof ASSUMPTIONS)[number]

/** Whether `nsx run` would work with some namespaces, as `nsx run --dry-run` forecasts it. */
export interface ForeseenRun extends Forecast {
  /** As of `nsx run`: `-Upn`. */
  readonly flags: string
  readonly types: readonly NsType[]
  /** Of what works: what this rests on. */
  readonly assumes: readonly Assumption[]
}

const NOTHING_ASKED = { self: null, ranges: [] } as const

/** `nsx run` with some namespaces and nothing else, of which only the forecast is wanted. */
export function bareRun(types: readonly NsType[]): RunRequest {
  return {
    namespaces: new Map(types.map((type) => [type, null])),
    ...{ fork: types.includes('pid'), init: types.includes('pid'), clone: false },
    ...{ uidMap: NOTHING_ASKED, gidMap: NOTHING_ASKED, owner: null, setgroups: null },
    ...{ propagation: null, mountProc: null, mountBinfmt: null, loadInterpreter: null },
    ...{ root: null, workingDirectory: null, uid: null, gid: null },
    ...{ monotonic: null, boottime: null, killChild: null, keepCapabilities: false },
    ...{ clearEnvironment: false, environmentKept: [], hostname: null, loopback: false },
    ...{ cgroupPath: null, pty: null, preserveFds: 0, statusFd: null, dryRun: false },
    command: ['/bin/true'],
  }
}

/** Each type alone, each with a user namespace, and all of them together. */
export function foreseenRuns(
  facts: LimitsFacts,
  levels: readonly LimitLevel[],
  types: ReadonlySet<NsType>,
): ForeseenRun[] | null {
  const run = countedRun(facts, levels)
  return run && questionsOf(types).map((asked) => foreseen(asked, run, levels))
}

/** What `run` looks at, and at which limits it will find itself; null as in `LimitsFacts`. */
export function countedRun(
  facts: LimitsFacts,
  levels: readonly LimitLevel[] = levelsOf(facts, new Set(NS_TYPE_NAMES)),
): RunFacts | null {
  return facts.run && { ...facts.run, reached: reachedLimits(levels) }
}

function questionsOf(types: ReadonlySet<NsType>): NsType[][] {
  const asked = NS_TYPE_NAMES.filter((type) => types.has(type))
  const others = asked.filter((type) => type !== 'user')
  return [
    ...(types.has('user') ? [['user' as const]] : []),
    ...others.map((type) => [type]),
    ...others.map((type) => ['user' as const, type]),
    ...(others.length > 1 ? [['user' as const, ...others]] : []),
  ]
}

function foreseen(types: NsType[], run: RunFacts, levels: readonly LimitLevel[]): ForeseenRun {
  const forecasts = planRun(bareRun(types), run)
    .steps.filter(({ optional }) => !optional)
    .map(({ forecast }) => forecast)
  const decisive =
    forecasts.find(({ outcome }) => outcome === 'fails') ??
    forecasts.find(({ outcome }) => outcome === 'unknown')
  const { outcome, errno, why, hint } = decisive ?? NO_HINDRANCE
  const flags = `-${types.map((type) => nsTypeRow(type).letter).join('')}`
  const assumes = outcome === 'works' ? assumptionsOf(types, run, levels) : []
  return { flags, types, outcome, errno, why, hint, assumes }
}

const NO_HINDRANCE: Forecast = { outcome: 'works', errno: null, why: null, hint: null }

function assumptionsOf(
  types: readonly NsType[],
  { levels: nested }: RunFacts,
  levels: readonly LimitLevel[],
): Assumption[] {
  const holds: Readonly<Record<Assumption, boolean>> = {
    above: levels.at(-1)?.level !== 0,
    userNesting: types.includes('user') && nested.user === null,
    pidNesting: types.includes('pid') && nested.pid === null,
    limits: levels.some((level) => types.some((type) => isAssumed(level, type))),
  }
  return ASSUMPTIONS.filter((assumption) => holds[assumption])
}

function isAssumed({ types }: LimitLevel, type: NsType): boolean {
  const row = types[type]
  return row === undefined || row.limit === null || row.inferred.includes('limit')
}

/** How deep the task is, and how deep the kernel lets it be. */
export interface Nesting {
  /** Below the initial one; null: that is out of sight. */
  readonly level: number | null
  readonly deepest: number
}

export function nestingOf(
  { subject, pidLevel }: LimitsFacts,
  levels: readonly LimitLevel[],
): { readonly user: Nesting; readonly pid: Nesting | null } {
  return {
    user: { level: levels[0]?.level ?? null, deepest: DEEPEST.user },
    pid: subject && { level: pidLevel, deepest: DEEPEST.pid },
  }
}
