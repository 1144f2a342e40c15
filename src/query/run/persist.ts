import { isInitialInum, type NsType, nsTypeRow } from '../../kernel/namespace-types.ts'
import type { Advice } from '../../model/exec-plan.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { RunRequest } from '../../model/run-request.ts'
import { GROUP } from './groups.ts'
import { placeCauses } from './places.ts'
import { type Cause, foretell, ownerCauses, type Steps, step } from './told.ts'

/** The links of a task that lead to what it, or its children, are in. */
const LINKS: Readonly<Partial<Record<NsType, string>>> = {
  pid: 'pid_for_children',
  time: 'time_for_children',
}

type Group = keyof typeof GROUP

/** Binding the namespaces that are to outlive the command, of one group. */
export function bindSteps(group: Group, request: RunRequest, facts: RunFacts): Steps {
  const { clone } = request
  return [...request.namespaces].flatMap(([type, target]) => {
    if (target === null || groupOf(type, clone) !== group) return []
    const what = `keep the ${nsTypeRow(type).title} namespace at ${target}`
    const operation = { name: 'bindNamespace', link: LINKS[type] ?? type, target } as const
    const causes = bindCauses(type, target, { facts, clone })
    const told = foretell(causes, othersOf(type, target), remarkOf(type, target, facts))
    return [step(operation, what, told, { group: GROUP[group] })]
  })
}

function remarkOf(type: NsType, target: string, { places }: RunFacts): string | null {
  const mounted = places.get(target)?.mounted
  const remarks = [
    ...(type === 'pid' ? ['once its pid 1 has ended, nothing can be started in it any more'] : []),
    ...(mounted ? [`something is mounted at ${target} already, and will be covered`] : []),
  ]
  return remarks.length === 0 ? null : remarks.join('; ')
}

/** A process that was cloned has all of them at once. */
function groupOf(type: NsType, clone: boolean): Group {
  return !clone && (type === 'pid' || type === 'mnt') ? type : 'outside'
}

/** Which ids new mount namespaces get depends on the processor (Linux 6.18); see do_go() of the helper. */
export function pinSteps({ namespaces }: RunRequest): Steps {
  const target = namespaces.get('mnt')
  return target ? [step({ name: 'pinCpu' }, 'stay on one processor')] : []
}

function bindCauses(
  type: NsType,
  target: string,
  { facts, clone }: { facts: RunFacts; clone: boolean },
): Cause[] {
  return [
    ...placeCauses(target, 'new file', facts),
    ...ownerCauses(facts, 'mnt', 'CAP_SYS_ADMIN'),
    ...(type === 'mnt' ? spreadCauses(target, { facts, clone }) : []),
    ...(type === 'mnt' && clone ? youngCauses(facts) : []),
  ]
}

/** copy_tree() in fs/namespace.c refuses to have a mount namespace mounted in another one, even itself. */
function spreadCauses(
  target: string,
  { facts, clone }: { facts: RunFacts; clone: boolean },
): Cause[] {
  if (facts.places.get(target)?.shared !== true) return []
  const why =
    `mounts at ${target} spread to other mount namespaces, ` +
    'and a mount namespace may be mounted in none of them'
  return [{ errno: 'EINVAL', why, hint: privately(target), certain: clone }]
}

/** By Linux 6.18 a new one may get a lower id than an older one; without --clone another is made then. */
function youngCauses({ caller }: RunFacts): Cause[] {
  const { mnt } = caller.subject.links
  if (mnt === undefined || isInitialInum(mnt)) return []
  const why =
    'the kernel mounts a mount namespace only in an older one, and may take ours for younger'
  return [{ errno: 'EINVAL', why, hint: 'leave out --clone', certain: false }]
}

function privately(target: string): string {
  const folder = target.replace(/\/+[^/]*$/, '') || (target.startsWith('/') ? '/' : '.')
  return `as root first: mount --bind ${folder} ${folder} && mount --make-private ${folder}`
}

function othersOf(type: NsType, target: string): Advice[] {
  const denied: Advice = {
    errno: 'EACCES',
    why: `the file ${target} may not be made or reached`,
    hint: 'name a file in a directory of your own, such as /run/netns/NAME as root',
  }
  if (type !== 'mnt') return [denied]
  return [
    denied,
    {
      errno: 'EINVAL',
      why: 'the kernel mounts a mount namespace only in an older one, and where mounts do not spread',
      hint: privately(target),
    },
  ]
}
