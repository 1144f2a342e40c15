import { EXIT, NsxError } from '../../errors.ts'
import { cgroupPathBelow } from '../../kernel/cgroup-folder.ts'
import type { CgroupMembership } from '../../kernel/cgroup-membership.ts'
import type { MountinfoLine } from '../../kernel/mountinfo.ts'
import type { EnterFacts } from '../../model/enter-facts.ts'
import type { EnterRequest } from '../../model/enter-request.ts'
import type { Advice, Forecast, PlannedStep } from '../../model/exec-plan.ts'
import { WORKS } from '../forecast/capability.ts'
import { step } from './step.ts'

/**
 * Joins the cgroups of the target in each hierarchy (cgroups(7)), before anything is entered: paths are those of
 * the caller's cgroup namespace. Where the caller is in the same one already, nothing is to be done.
 *
 * @throws NsxError where they could not be read, or the caller has a hierarchy not mounted
 */
export function cgroupSteps({ joinCgroup }: EnterRequest, facts: EnterFacts): PlannedStep[] {
  const { target, callerCgroups, cgroupMounts, caller } = facts
  if (!joinCgroup) return []
  if (!target?.cgroups) {
    throw new NsxError(`the cgroups of ${target?.name ?? 'the target'} cannot be read`, {
      ...{ code: 'unreadable', exitCode: EXIT.incomplete, target: '--join-cgroup' },
      hint: target ? 'leave out --join-cgroup' : 'name a process to join',
    })
  }
  const root = caller.kernelIds && caller.subject.credentials?.uid.effective === 0
  const { name } = target
  return target.cgroups.flatMap((membership) => {
    const own = callerCgroups?.find((each) => isSame(each, membership))
    if (own?.path === membership.path) return []
    const folder = folderOf(membership, cgroupMounts)
    if (folder === null) throw outOfReach(membership, name)
    return step(
      { name: 'write', path: `${folder}/cgroup.procs`, text: '0' },
      `join the cgroup ${membership.path} of ${name}`,
      { forecast: root ? WORKS : DELEGATED, advice: ADVICE },
    )
  })
}

function isSame(a: CgroupMembership, b: CgroupMembership): boolean {
  return a.controllers.join() === b.controllers.join()
}

/** Where the caller has the cgroup; null: that part of the hierarchy, or all of it, is not mounted. */
function folderOf(
  { controllers, path }: CgroupMembership,
  mounts: readonly MountinfoLine[],
): string | null {
  for (const { fsType, options, mountPoint, root } of mounts) {
    const fits =
      controllers.length === 0
        ? fsType === 'cgroup2'
        : fsType === 'cgroup' && controllers.every((each) => options.split(',').includes(each))
    const below = fits ? cgroupPathBelow(root, path) : null
    if (below !== null) return `${mountPoint}${below}`
  }
  return null
}

function outOfReach({ controllers, path }: CgroupMembership, name: string): NsxError {
  const which = controllers.length === 0 ? 'cgroup2' : controllers.join()
  return new NsxError(`the cgroup ${path} (${which}) of ${name} is out of reach`, {
    ...{ code: 'no-cgroup', exitCode: EXIT.noTarget, target: '--join-cgroup' },
    hint: 'that hierarchy is not mounted here, or only a part of it: leave out --join-cgroup',
  })
}

const RIGHT =
  'it needs to write cgroup.procs of that cgroup and of the one above both (cgroups(7), delegation)'

const DELEGATED: Forecast = {
  ...{ outcome: 'unknown', errno: 'EACCES', why: RIGHT },
  hint: 'run it as root: sudo nsx …',
}

const ADVICE: readonly Advice[] = [
  { errno: 'EACCES', why: RIGHT, hint: DELEGATED.hint },
  { errno: 'EPERM', why: RIGHT, hint: DELEGATED.hint },
  { errno: 'ENOENT', why: 'that cgroup is not there, or not for us to see', hint: null },
  { errno: 'EBUSY', why: 'it hands controllers on, and so may hold no processes', hint: null },
  { errno: 'EOPNOTSUPP', why: 'it is a threaded cgroup, or holds one', hint: null },
]
