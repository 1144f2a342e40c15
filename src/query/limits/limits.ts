import { NS_TYPE_NAMES, type NsType } from '../../kernel/namespace-types.ts'
import type { LimitsFacts } from '../../model/limits.ts'
import type { NsRef } from '../../model/snapshot.ts'
import type { Marks } from '../held-by.ts'
import type { ProcRef } from '../rows.ts'
import { type Gate, gatesOf } from './gates.ts'
import { type LimitLevel, levelsOf } from './levels.ts'
import { type ForeseenRun, foreseenRuns, type Nesting, nestingOf } from './runs.ts'

/** How many namespaces a task may have still, and what forbids it others; the JSON contract's field names. */
export interface LimitsView {
  /** As it was named; null: the caller. */
  readonly target: string | null
  /** Null: a namespace was named. */
  readonly subject: LimitedTask | null
  /** Where its namespaces are charged first; null: `unknown` names it. */
  readonly userNs: NsRef | null
  /** From there upwards; the last one may have others above that are out of sight. */
  readonly levels: readonly LimitLevel[]
  /** `pid`: null where a namespace was named. */
  readonly nesting: { readonly user: Nesting; readonly pid: Nesting | null }
  readonly gates: readonly Gate[]
  /** Null: a namespace was named, or `unknown` names it. */
  readonly runs: readonly ForeseenRun[] | null
  readonly unknown: readonly string[]
  readonly inferred: readonly string[]
  readonly lossy: readonly string[]
}

export interface LimitedTask extends ProcRef {
  /** Effective; null: `unknown` names it. */
  readonly uid: number | null
  readonly user: string | null
}

export function limitsView(facts: LimitsFacts, types: ReadonlySet<NsType>): LimitsView {
  const { target, subject, user, userNs, userNsInferred } = facts
  // What is not to be shown still forbids.
  const all = levelsOf(facts, new Set(NS_TYPE_NAMES))
  const runs = foreseenRuns(facts, all, types)
  const levels = levelsOf(facts, types)
  const nesting = nestingOf(facts, levels)
  const uid = subject?.credentials?.uid.effective ?? null
  const task = subject && {
    ...{ pid: subject.tgid, tid: subject.pid === subject.tgid ? null : subject.pid },
    ...{ startTicks: subject.startTicks, comm: subject.comm, uid, user },
  }
  return {
    ...{ target, subject: task, userNs: levels[0]?.userNs ?? null, levels, nesting },
    ...{ gates: gatesOf(facts), runs },
    unknown: [
      ...(subject && uid === null ? ['subject.uid'] : []),
      ...(userNs === null ? ['userNs'] : []),
      ...(subject && runs === null ? ['runs'] : []),
      ...(['user', 'pid'] as const).flatMap((type) =>
        nesting[type]?.level === null ? [`nesting.${type}.level`] : [],
      ),
    ],
    inferred: userNsInferred ? ['userNs'] : [],
    lossy: subject?.lossy.includes('comm') ? ['subject.comm'] : [],
  }
}

/** Which marks stand at numbers of it. */
export function marksOfLimits({ levels }: LimitsView): Marks {
  const cells = levels.flatMap(({ types }) => Object.values(types))
  return {
    atLeast: cells.some(({ used }) => used !== null),
    inferred: cells.some(({ inferred }) => inferred.length > 0),
  }
}
