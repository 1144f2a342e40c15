import { isDeepStrictEqual } from 'node:util'
import type { CgroupMembership } from '../../kernel/cgroup-membership.ts'
import type { ClockOffset } from '../../kernel/timens-offsets.ts'
import type { Pair } from '../../model/pair.ts'
import { hasExited, type Rule, sharing, type Told } from './rule.ts'

export const RESOURCES: readonly Rule[] = [
  { rule: 'clocks', tell: clocks },
  { rule: 'cgroups', tell: cgroups },
]

/** time_namespaces(7). The wall clock is one for all. */
function clocks(pair: Pair): Told {
  const { a, b } = pair
  const gone = [a, b].find(hasExited)
  if (gone) return { holds: null, text: `${gone.name} has exited: clocks are nothing to it` }
  const { same, why } = sharing(pair, 'time')
  const agree = `${a.name} and ${b.name} read the same monotonic and boot-time clocks`
  if (same) return { holds: true, text: `${agree}: they share a time namespace` }
  if (same === null || !a.offsets || !b.offsets) {
    const unread = same === null ? why : `the offsets of ${(a.offsets ? b : a).name} cannot be read`
    return { holds: null, text: `whether ${agree} is unknown: ${unread}` }
  }
  if (isDeepStrictEqual(a.offsets, b.offsets)) {
    return { holds: true, text: `${agree}: their time namespaces have the same offsets` }
  }
  const boot = secondsBetween(a.offsets.boottime, b.offsets.boottime)
  const clock = boot === 0 ? 'monotonic' : 'boot-time'
  const apart = boot === 0 ? secondsBetween(a.offsets.monotonic, b.offsets.monotonic) : boot
  const way = apart > 0 ? 'ahead of' : 'behind'
  return {
    holds: false,
    text: `the ${clock} clock of ${b.name} is ${Math.abs(apart)} s ${way} ${a.name}'s: ${why}`,
  }
}

function secondsBetween(from: ClockOffset, to: ClockOffset): number {
  return to.seconds - from.seconds + (to.nanoseconds - from.nanoseconds) / 1e9
}

/** Limits of memory, cpu and pids are of the cgroup, whatever the cgroup namespace. */
function cgroups({ a, b }: Pair): Told {
  const gone = [a, b].find(hasExited)
  if (gone) return { holds: null, text: `${gone.name} has exited: limits are nothing to it` }
  // Its threads need not be where the first one was.
  const half = [a, b].find(({ subject }) => subject.state === 'Z')
  if (half) {
    const why = `the first thread of ${half.name} has ended, others live on`
    return {
      holds: null,
      text: `whether they share the limits of their cgroups is unknown: ${why}`,
    }
  }
  if (!a.cgroups || !b.cgroups) {
    const blank = a.cgroups ? b : a
    return { holds: null, text: `the cgroups of ${blank.name} cannot be read` }
  }
  const others = new Map(b.cgroups.map(({ hierarchy, path }) => [hierarchy, path]))
  const differing = a.cgroups.filter(({ hierarchy, path }) => others.get(hierarchy) !== path)
  const first = differing.find(hasController) ?? differing.find(mayLimit)
  if (!first) {
    return { holds: true, text: `${a.name} and ${b.name} share the limits of their cgroups` }
  }
  const name = first.controllers.length > 0 ? `${first.controllers.join(',')} ` : ''
  const places = `${a.name} in ${first.path}, ${b.name} in ${others.get(first.hierarchy) ?? 'none'}`
  return {
    holds: false,
    text: `${a.name} and ${b.name} are in different ${name}cgroups, and under their limits: ${places}`,
  }
}

/** A hierarchy with only a name keeps track of processes, and limits nothing. */
function hasController({ controllers }: CgroupMembership): boolean {
  return controllers.some((name) => !name.startsWith('name='))
}

/** Which controllers cgroup2 has is not in the file. */
function mayLimit({ hierarchy }: CgroupMembership): boolean {
  return hierarchy === 0
}
