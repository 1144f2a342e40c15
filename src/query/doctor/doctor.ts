import type { NsType } from '../../kernel/namespace-types.ts'
import type { Checkup } from '../../model/checkup.ts'
import type { Population } from '../../model/population.ts'
import { CHECKS } from './checks.ts'
import { FINDING_CODES, type Finding, type Observation, SEVERITIES } from './finding.ts'
import { sceneOf } from './scene.ts'

/** What was found on a machine; the field names are the JSON contract's. */
export interface Diagnosis {
  /** The worst first. */
  readonly findings: readonly Finding[]
}

/** @param types what is about a namespace of another type is left out. */
export function diagnose(checkup: Checkup, types: ReadonlySet<NsType>): Diagnosis {
  const scene = sceneOf(checkup)
  const observations = CHECKS.flatMap((check) => check(scene)).filter(
    ({ type }) => type === null || types.has(type),
  )
  const findings = folded(observations)
  const rank = ({ severity, code }: Finding): number =>
    SEVERITIES.indexOf(severity) * FINDING_CODES.length + FINDING_CODES.indexOf(code)
  return { findings: findings.sort((a, b) => rank(a) - rank(b) || b.count - a.count) }
}

/** Those of one code and group, in one. */
function folded(observations: readonly Observation[]): Finding[] {
  const groups = new Map<string, [Observation, ...Observation[]]>()
  for (const observation of observations) {
    const key = `${observation.code} ${observation.severity} ${observation.group}`
    const group = groups.get(key)
    if (group) group.push(observation)
    else groups.set(key, [observation])
  }
  return [...groups.values()].map((group) => {
    const [{ code, severity, say }] = group
    const subjects = group.map(({ subject }) => subject)
    return { code, severity, count: subjects.length, ...say(subjects), subjects }
  })
}

/** Something was found, other than that something could not be looked at. */
export function hasTrouble({ findings }: Diagnosis): boolean {
  return findings.some(({ code }) => code !== 'gap' && code !== 'hidden-namespaces')
}

/** The processes that a finding can name: whoever holds something, and what is left of processes. */
export function concernedBy({ snapshot, placed, initial }: Population): number[] {
  const boot = new Set(initial)
  const pids = new Set<number>()
  const inner = new Set<number>()
  for (const { type, inum, members, holders } of snapshot.namespaces) {
    if (boot.has(inum)) continue
    for (const { pid } of holders) if (pid !== null) pids.add(pid)
    if (type === 'pid') for (const pid of members) inner.add(pid)
  }
  for (const { pid, ppid, state } of placed) {
    if (!inner.has(pid) || !/[ZXDt]/.test(state)) continue
    pids.add(pid)
    if (ppid > 0) pids.add(ppid)
  }
  return [...pids]
}
