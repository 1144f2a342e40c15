import { DEEPEST } from '../../kernel/namespace-nesting.ts'
import { isInitialInum, type NsType, nsTypeRow } from '../../kernel/namespace-types.ts'
import type { Advice } from '../../model/exec-plan.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { RunRequest } from '../../model/run-request.ts'
import { callerName } from '../forecast/capability.ts'
import { reachedCauses } from '../limits/reached.ts'
import { credentialsOf } from './id-kinds.ts'
import { hasId } from './id-ranges.ts'
import { flagsOf, nameNew, typesOf } from './kinds.ts'
import { type Cause, foretell, ownCapabilityCauses, type Steps, step } from './told.ts'

/** The kernel frees namespaces some time after their end: until then they count. A limit of 0 is one for ever. */
const PATIENCE_MS = 2000

const AS_ROOT = 'add --user --map-root-user, or run it as root: sudo nsx run …'

/** One unshare(2) for all of them; none: nothing is made. */
export function unshareSteps(request: RunRequest, facts: RunFacts): Steps {
  const types = typesOf(request)
  if (types.length === 0) return []
  const told = creation(types, facts)
  const isFull = told.forecast.outcome === 'fails' && told.forecast.errno === 'ENOSPC'
  const patienceMs = isFull ? 0 : PATIENCE_MS
  const operation = { name: 'unshare', flags: flagsOf(types), patienceMs } as const
  return [step(operation, `create ${nameNew(types)}`, told)]
}

/** clone3(2): the child is in all of them from its beginning. */
export function cloneStep(request: RunRequest, facts: RunFacts, go: number | null) {
  const types = typesOf(request)
  const inside = types.length === 0 ? '' : ` in ${nameNew(types)}`
  const operation = { name: 'spawn', flags: flagsOf(types), go } as const
  return step(operation, `start a process${inside}`, creation(types, facts))
}

function creation(types: readonly NsType[], facts: RunFacts) {
  if (types.length === 0) return foretell([])
  const causes = [
    ...absent(types, facts),
    ...(types.includes('user') ? userCauses(facts) : otherCauses(facts)),
    ...types.flatMap((type) => limitCauses(type, facts)),
    ...pidCauses(types, facts),
  ]
  return foretell([...seccomp(facts), ...causes], otherReasons(types, facts))
}

function seccomp(facts: RunFacts): Cause[] {
  if (credentialsOf(facts).seccomp !== 2) return []
  const hint = 'run nsx outside of the container, or under a seccomp profile that allows unshare(2)'
  const why = 'a seccomp filter of the caller may forbid it'
  return [{ errno: 'EPERM', why, hint, certain: false }]
}

function absent(types: readonly NsType[], { missing }: RunFacts): Cause[] {
  return types
    .filter((type) => missing.includes(type))
    .map((type) => {
      const { title, since } = nsTypeRow(type)
      const why = `this kernel has no ${title} namespaces: it is older than Linux ${since}, or was built without them`
      return { errno: 'EINVAL', why, hint: `leave out the ${title} namespace`, certain: true }
    })
}

/** In the order of create_user_ns() in kernel/user_namespace.c. */
function userCauses(facts: RunFacts): Cause[] {
  return [
    ...unprivilegedCauses(facts),
    ...nesting('user', facts),
    ...limitCauses('user', facts),
    ...chrootCauses(facts),
    ...unmappedCauses(facts),
    ...appArmorCauses(facts),
  ]
}

function unprivilegedCauses(facts: RunFacts): Cause[] {
  if (facts.unprivilegedUsers !== false) return []
  const [cause] = ownCapabilityCauses(facts, 'CAP_SYS_ADMIN')
  // The kernel asks for it in the initial user namespace.
  if (!cause && isInitialInum(facts.caller.subject.links.user ?? 0)) return []
  return [
    {
      errno: 'EPERM',
      why: 'kernel.unprivileged_userns_clone is 0: only root may create user namespaces',
      hint: 'as root: sysctl -w kernel.unprivileged_userns_clone=1; or sudo nsx run …',
      certain: cause?.certain ?? true,
    },
  ]
}

function nesting(type: 'user' | 'pid', { levels }: RunFacts): Cause[] {
  const level = levels[type]
  if (level === null || level < DEEPEST[type]) return []
  const { title } = nsTypeRow(type)
  const why = `the caller is ${level} ${title} namespaces below the initial one, and the kernel nests no deeper`
  return [{ errno: 'ENOSPC', why, hint: 'run nsx further up', certain: true }]
}

function limitCauses(type: NsType, facts: RunFacts): Cause[] {
  if (facts.limits[type] !== 0) return reachedCauses(type, facts.reached ?? [])
  const why = `user.max_${type}_namespaces is 0 in the user namespace of the caller`
  const hint = `as root there: sysctl -w user.max_${type}_namespaces=10000`
  return [{ errno: 'ENOSPC', why, hint, certain: true }]
}

function chrootCauses({ caller }: RunFacts): Cause[] {
  if (caller.chrooted === false) return []
  const why = caller.chrooted
    ? 'the caller is in a chroot, where nobody may create user namespaces'
    : 'in a chroot nobody may create user namespaces; whether the caller is in one cannot be seen'
  const hint = 'run nsx outside of the chroot'
  return [{ errno: 'EPERM', why, hint, certain: caller.chrooted === true }]
}

function unmappedCauses(facts: RunFacts): Cause[] {
  const { uid, gid } = credentialsOf(facts)
  const { uidMap, gidMap } = facts.caller
  const kinds = [
    { title: 'user', id: uid.effective, map: uidMap },
    { title: 'group', id: gid.effective, map: gidMap },
  ]
  return kinds.flatMap(({ title, id, map }) => {
    if (map === null || hasId(id, map)) return []
    const why = `the ${title} id of the caller has no number in its user namespace`
    const hint = 'become an id that is in /proc/self/uid_map and gid_map first'
    return [{ errno: 'EPERM', why, hint, certain: true }]
  })
}

/** Ubuntu's kernel either refuses it, or lets the task have no capability in what it has made. */
export function appArmorCauses(facts: RunFacts): Cause[] {
  if (!facts.appArmorRestricts) return []
  if (ownCapabilityCauses(facts, 'CAP_SYS_ADMIN').length === 0) return []
  const profile = facts.appArmorProfile ?? 'unconfined'
  const why =
    'kernel.apparmor_restrict_unprivileged_userns is 1: unless its AppArmor profile ' +
    `(${profile}) allows it, an ordinary user gets no rights in user namespaces`
  const hint =
    'as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, ' +
    'or load an AppArmor profile with "userns," for nsx; or sudo nsx run …'
  return [{ errno: 'EPERM', why, hint, certain: false }]
}

function otherCauses(facts: RunFacts): Cause[] {
  return ownCapabilityCauses(facts, 'CAP_SYS_ADMIN', AS_ROOT)
}

/** copy_pid_ns() and create_pid_namespace() in kernel/pid_namespace.c. */
function pidCauses(types: readonly NsType[], facts: RunFacts): Cause[] {
  if (!types.includes('pid')) return []
  const { pid, pid_for_children: children } = facts.caller.subject.links
  const why = 'the caller has another PID namespace for its children than its own'
  const hint = 'run nsx from a process that was made after unshare(2): unshare --fork'
  const moved: Cause[] =
    pid === undefined || children === undefined || pid === children
      ? []
      : [{ errno: 'EINVAL', why, hint, certain: true }]
  return [...moved, ...nesting('pid', facts)]
}

/** How deep the caller is, is out of its sight. */
function deepOrMany(type: 'user' | 'pid', settings: string, who: string): Advice {
  const { title } = nsTypeRow(type)
  const why =
    `${title} namespaces are nested ${DEEPEST[type]} deep here already, or ${who} has as many as a ` +
    `limit allows, here or above: ${settings}`
  const hint = 'run nsx further up, or raise the limit as root with sysctl -w'
  return { errno: 'ENOSPC', why, hint }
}

/** For what cannot be foretold: usage is shown nowhere, and security modules ask nobody. */
function otherReasons(types: readonly NsType[], facts: RunFacts): Advice[] {
  const user = types.includes('user')
  const settings = types.map((type) => `user.max_${type}_namespaces`).join(', ')
  const who = callerName(facts.caller)
  return [
    ...(['user', 'pid'] as const)
      .filter((type) => types.includes(type) && facts.levels[type] === null)
      .map((type) => deepOrMany(type, settings, who)),
    {
      errno: 'ENOSPC',
      why: `${who} has as many as a limit allows here, or in a user namespace above: ${settings}`,
      hint: 'raise it as root with sysctl -w, or end what keeps some alive: nsx list',
    },
    {
      errno: 'EPERM',
      why: user
        ? 'a security module or a seccomp filter forbids user namespaces, or the caller is in a chroot'
        : 'a security module or a seccomp filter forbids it',
      hint: user ? 'run it as root without --user: sudo nsx run …' : null,
    },
    { errno: 'EACCES', why: 'a security module, such as SELinux, forbids it', hint: null },
    { errno: 'EINVAL', why: 'the kernel lacks one of these types, or a flag for it', hint: null },
  ]
}
