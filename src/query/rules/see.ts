import type { Pair } from '../../model/pair.ts'
import { isWithin, lineOf } from '../ancestry.ts'
import type { Truth } from '../truth.ts'
import { absence, hasExited, type Rule, swap, type Told } from './rule.ts'

/** A process sees those in its own PID namespace and in all below it (pid_namespaces(7)). */
export const SEE: readonly Rule[] = [
  { rule: 'see', tell: see },
  { rule: 'be-seen', tell: (pair) => see(swap(pair)) },
]

/** Whether B has a pid in A's PID namespace. */
export function isVisible({ a, b, kinship }: Pair): Truth {
  const [own, other] = [a.subject.links.pid, b.subject.links.pid]
  if (own !== undefined && other !== undefined) {
    const within = isWithin(other, own, (inum) => kinship.pidParents.get(inum))
    if (within !== null) return within
  }
  // A process has a pid in each PID namespace above it: with fewer of them it is not below.
  const [levels, otherLevels] = [a.subject.nsPids.length, b.subject.nsPids.length]
  const isAbove = levels > 0 && otherLevels > 0 && otherLevels < levels
  return isAbove ? false : null
}

/** The pid by which A knows B, where it is in sight; null: not told. */
function pidSeen({ a, b }: Pair): number | null {
  return b.subject.nsPids[a.subject.nsPids.length - 1] ?? null
}

function see(pair: Pair): Told {
  const { a, b } = pair
  if (hasExited(a)) return { holds: false, text: `${a.name} cannot see ${b.name}: it has exited` }
  const holds = isVisible(pair)
  if (holds === null)
    return { holds, text: `whether ${a.name} sees ${b.name} is unknown: ${doubt(pair)}` }
  if (!holds)
    return { holds, text: `${a.name} cannot see ${b.name}'s processes: ${distance(pair)}` }
  const pid = pidSeen(pair)
  const as = pid === null ? '' : ` as pid ${pid}`
  const how =
    a.subject.links.pid === b.subject.links.pid ? 'they share a' : `${b.name}'s is below its`
  return { holds, text: `${a.name} sees ${b.name}${as}: ${how} PID namespace` }
}

function distance({ a, b, kinship }: Pair): string {
  const [own, other] = [a.subject.links.pid, b.subject.links.pid]
  if (own === undefined || other === undefined)
    return `its PID namespace is deeper than ${b.name}'s`
  const steps = lineOf(own, (inum) => kinship.pidParents.get(inum)).indexOf(other)
  if (steps < 0) return 'neither PID namespace is within the other'
  const relation = steps === 1 ? 'a child' : 'a descendant'
  return `its PID namespace is ${relation} of ${b.name}'s`
}

function doubt({ a, b }: Pair): string {
  const missing = [a, b].find(({ subject }) => subject.links.pid === undefined)
  return missing
    ? absence(missing, 'pid').why
    : 'how their PID namespaces are related is out of sight'
}
