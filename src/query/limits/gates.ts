import type { LimitsFacts } from '../../model/limits.ts'
import { hasId } from '../run/id-ranges.ts'

/** What may forbid new namespaces whatever the limits are. */
export interface Gate {
  readonly gate: (typeof GATES)[number]['gate']
  /** `absent`: there is no such thing here. `unknown`: it could not be read. */
  readonly state: 'allows' | 'mayForbid' | 'forbids' | 'absent' | 'unknown'
  /** What was read; null: nothing, or nothing that has a value. */
  readonly value: string | null
  readonly text: string
}

interface GateRow {
  readonly gate: string
  /** It is about a task, so of a namespace it is not asked. */
  readonly ofTask?: true
  /** Null: not asked. */
  test(facts: LimitsFacts): Omit<Gate, 'gate'> | null
}

type Told = Omit<Gate, 'gate'>

/** One row each, in the order in which they are shown: those of the machine, then those of the task. */
export const GATES = [
  {
    gate: 'kernel',
    test: ({ system: { missing } }) =>
      missing.length === 0
        ? told('allows', null, 'the kernel has all eight types')
        : told('forbids', missing.join(', '), 'the kernel was built without these types'),
  },
  {
    gate: 'max_user_namespaces',
    test: ({ limits: { user } }) => {
      const name = 'user.max_user_namespaces, of our own user namespace'
      if (user === undefined) return told('unknown', null, name)
      return user === 0
        ? told('forbids', '0', `${name}: none can be created`)
        : told('allows', String(user), name)
    },
  },
  {
    gate: 'unprivileged_userns_clone',
    test: ({ system: { unprivilegedUsers } }) => {
      const name = 'kernel.unprivileged_userns_clone'
      if (unprivilegedUsers === null) return told('absent', null, name)
      return unprivilegedUsers
        ? told('allows', '1', name)
        : told('forbids', '0', `${name}: only root may create user namespaces`)
    },
  },
  {
    gate: 'apparmor_restrict_unprivileged_userns',
    test: ({ system: { appArmorRestricts } }) => {
      const name = 'kernel.apparmor_restrict_unprivileged_userns'
      return appArmorRestricts
        ? told('mayForbid', '1', `${name}: without a profile that allows it, only root has rights`)
        : told('absent', null, `${name}: not there, or off`)
    },
  },
  { gate: 'modules', test: ({ system }) => modulesGate(system.modules) },
  {
    gate: 'selinux',
    test: ({ system: { enforcing } }) => {
      if (enforcing === null) return told('absent', null, 'SELinux')
      return enforcing
        ? told('mayForbid', '1', 'SELinux enforces its policy (user_namespace create)')
        : told('allows', '0', 'SELinux only reports')
    },
  },
  {
    gate: 'seccomp',
    ofTask: true,
    test: ({ subject }) => {
      const seccomp = subject?.credentials?.seccomp ?? null
      if (seccomp === null) return told('unknown', null, 'seccomp')
      return seccomp === 0
        ? told('allows', '0', 'no seccomp filter')
        : told('mayForbid', String(seccomp), 'a seccomp filter, which may forbid unshare(2)')
    },
  },
  {
    gate: 'chroot',
    ofTask: true,
    test: ({ run }) => {
      const chrooted = run?.caller.chrooted ?? null
      if (chrooted === null) return told('unknown', null, 'whether it is in a chroot')
      return chrooted
        ? told('forbids', null, 'it is in a chroot, where nobody may create user namespaces')
        : told('allows', null, 'not in a chroot')
    },
  },
  { gate: 'ids', ofTask: true, test: (facts) => idsGate(facts) },
  {
    gate: 'noNewPrivs',
    ofTask: true,
    test: ({ subject }) => {
      const set = subject?.credentials?.noNewPrivs ?? null
      if (set === null) return told('unknown', null, 'no_new_privs')
      return set
        ? told('mayForbid', '1', 'no_new_privs: newuidmap(1) and newgidmap(1) gain no rights')
        : told('allows', '0', 'no_new_privs is not set')
    },
  },
] as const satisfies readonly GateRow[]

function told(state: Told['state'], value: string | null, text: string): Told {
  return { state, value, text }
}

/** Those that are asked before a user namespace is created (security_create_user_ns()). */
const ASKED = ['selinux', 'apparmor', 'bpf', 'tomoyo']

function modulesGate(modules: readonly string[] | null): Told {
  if (modules === null) return told('unknown', null, 'security modules')
  const asked = modules.filter((name) => ASKED.includes(name))
  return asked.length > 0
    ? told(
        'mayForbid',
        modules.join(', '),
        `security modules, of which ${list(asked)} may forbid it`,
      )
    : told('allows', modules.join(', ') || null, 'no security module that is asked')
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function idsGate({ run }: LimitsFacts): Told {
  const credentials = run?.caller.subject.credentials ?? null
  const { uidMap = null, gidMap = null } = run?.caller ?? {}
  if (credentials === null || uidMap === null || gidMap === null) {
    return told('unknown', null, 'whether its ids have numbers in its user namespace')
  }
  const mapped =
    hasId(credentials.uid.effective, uidMap) && hasId(credentials.gid.effective, gidMap)
  return mapped
    ? told('allows', null, 'its ids have numbers in its user namespace')
    : told('forbids', null, 'its uid or gid has no number in its user namespace')
}

export function gatesOf(facts: LimitsFacts): Gate[] {
  return (GATES as readonly GateRow[]).flatMap(({ gate, ofTask, test }) => {
    const answer = ofTask && facts.subject === null ? null : test(facts)
    return answer ? [{ gate: gate as Gate['gate'], ...answer }] : []
  })
}
