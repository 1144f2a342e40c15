import { EXIT, NsxError } from '../../errors.ts'
import type { IdMapLine } from '../../kernel/id-map.ts'
import { nsTypeRow } from '../../kernel/namespace-types.ts'
import type { Caller } from '../../model/caller.ts'
import type { EnterFacts } from '../../model/enter-facts.ts'
import type { EnterRequest } from '../../model/enter-request.ts'
import type { Advice, Forecast, PlannedStep } from '../../model/exec-plan.ts'
import { capabilityForecast, WORKS } from '../forecast/capability.ts'
import type { Join } from './choose.ts'
import { FORBIDDEN, filtered, step } from './step.ts'

export interface Mounts {
  readonly beforeSpawn: readonly PlannedStep[]
  readonly afterSpawn: readonly PlannedStep[]
}

/** mount(2). */
const MS_NOSUID = 2
const MS_NODEV = 4
const MS_NOEXEC = 8
const MS_REC = 0x4000
const MS_PRIVATE = 0x4_0000
const QUIET = MS_NOSUID + MS_NODEV + MS_NOEXEC

/**
 * What the caller's own files need to fit what is entered, in a mount namespace of the command's own: the target's
 * /etc/resolv.conf and a /sys of its network namespace where asked, and a /proc of its PID namespace, which is
 * mounted by a process in it. That mount namespace is no matter of choice: without it, all would be mounted for
 * everybody.
 *
 * @param after the caller after it has entered
 * @throws NsxError where the files are not the caller's own, or are those of its network namespace already
 */
export function planMounts(
  request: EnterRequest,
  facts: EnterFacts,
  how: {
    readonly joins: readonly Join[]
    readonly after: Caller
    readonly spawns: boolean
  },
): Mounts {
  const { joins, after, spawns } = how
  mustFit(request, joins)
  const own = !has(joins, 'mnt') && request.root === null
  const net = [...dnsSteps(request, facts, joins), ...sysSteps(request, { joins, after })]
  const proc = own && spawns ? [procStep(facts)] : []
  if (net.length + proc.length === 0) return { beforeSpawn: [], afterSpawn: [] }
  const apart = privateSteps(facts.caller, after)
  return net.length > 0
    ? { beforeSpawn: [...apart, ...net], afterSpawn: proc }
    : { beforeSpawn: [], afterSpawn: [...apart, ...proc] }
}

function has(joins: readonly Join[], type: Join['type']): boolean {
  return joins.some((join) => join.type === type)
}

function mustFit({ dns, sys, root }: EnterRequest, joins: readonly Join[]): void {
  const flag = dns ? '--dns' : sys ? '--sys' : null
  if (flag === null) return
  const isElsewhere = has(joins, 'mnt') || root !== null
  if (!isElsewhere && has(joins, 'net')) return
  const why = isElsewhere
    ? 'gives programs of our own what the target has, but its mount namespace is entered'
    : 'is of use only where a network namespace is entered'
  throw new NsxError(`${flag} ${why}`, {
    ...{ code: 'useless-flag', exitCode: EXIT.usage, target: flag },
    hint: `nsx enter TARGET --net ${flag}`,
  })
}

function privateSteps(caller: Caller, after: Caller): PlannedStep[] {
  const flags = nsTypeRow('mnt').bit
  return [
    step({ name: 'unshare', flags, patienceMs: 0 }, 'make a mount namespace for the command', {
      forecast: filtered(caller, mountRight(after)),
      advice: [FORBIDDEN, NO_SPACE],
    }),
    step(
      {
        ...({ name: 'mount', source: 'none', target: '/', type: '', data: '' } as const),
        flags: MS_REC + MS_PRIVATE,
      },
      'keep its mounts private',
      {
        forecast: caller.rootIsMount === false ? { outcome: 'fails', ...NO_MOUNT } : WORKS,
        advice: [NO_MOUNT, FORBIDDEN],
      },
    ),
  ]
}

const NO_MOUNT = {
  ...{ errno: 'EINVAL', why: 'our root directory is a mere directory, and no mount' },
  hint: 'run nsx outside of the chroot, or enter the mount namespace, too',
} as const

const NO_SPACE: Advice = {
  errno: 'ENOSPC',
  why: 'the limit of mount namespaces is reached (user.max_mnt_namespaces)',
  hint: 'raise it: sysctl user.max_mnt_namespaces',
}

function mountRight({ subject, ...after }: Caller): Forecast {
  const { user } = subject.links
  if (user === undefined) return WORKS
  return capabilityForecast(
    { subject, ...after },
    { capability: 'CAP_SYS_ADMIN', userNamespace: user, whose: '' },
  )
}

function dnsSteps({ dns }: EnterRequest, facts: EnterFacts, joins: readonly Join[]): PlannedStep[] {
  if (!dns) return []
  const { target, resolvConf } = facts
  if (resolvConf === null) {
    const whose = target ? ` of ${target.name}` : ''
    throw new NsxError(`--dns: /etc/resolv.conf${whose} cannot be read`, {
      ...{ code: 'unreadable', exitCode: EXIT.incomplete, target: '--dns' },
      hint: target ? 'run it as root, or leave out --dns' : 'name a process that has one',
    })
  }
  const operation = {
    ...({ name: 'fileOver', target: '/etc/resolv.conf' } as const),
    content: Buffer.from(resolvConf, 'latin1').toString('utf8'),
  }
  const what = `use /etc/resolv.conf of ${target?.name ?? 'the target'}`
  const forecast = fileForecast(facts, joins)
  return [step(operation, what, { forecast, advice: [FORBIDDEN] })]
}

/** A file must belong to somebody whom the user namespace knows: the caller, or its root (EOVERFLOW). */
function fileForecast({ caller, maps }: EnterFacts, joins: readonly Join[]): Forecast {
  const user = joins.find(({ type }) => type === 'user')?.inum
  const known = user === undefined || user === null ? undefined : maps.get(user)
  const own = caller.subject.credentials
  const has = (map: readonly IdMapLine[] | null | undefined, id: number | undefined) =>
    !map ||
    map.some(
      ({ inside, outside, count }) =>
        inside === 0 ||
        (outside !== null && id !== undefined && id >= outside && id < outside + count),
    )
  if (has(known?.uids, own?.uid.effective) && has(known?.gids, own?.gid.effective)) return WORKS
  const why = 'the user namespace that is entered has a number neither for us nor for its root'
  return { outcome: 'fails', errno: 'EOVERFLOW', why, hint: 'leave out --user or --dns' }
}

/** sysfs shows a network namespace to whoever has rights in its owner (sysfs_init_fs_context()). */
function sysSteps(
  { sys }: EnterRequest,
  { joins, after }: { readonly joins: readonly Join[]; readonly after: Caller },
): PlannedStep[] {
  if (!sys) return []
  const inum = joins.find(({ type }) => type === 'net')?.inum ?? null
  const owner = inum === null ? null : after.kinship.owners.get(inum)
  const forecast =
    typeof owner === 'number'
      ? capabilityForecast(after, { capability: 'CAP_SYS_ADMIN', userNamespace: owner, whose: '' })
      : WORKS
  const operation = {
    ...({ name: 'mount', source: 'sysfs', target: '/sys', type: 'sysfs', data: '' } as const),
    flags: QUIET,
  }
  return [step(operation, 'mount a /sys of the network namespace', { forecast, advice: HIDDEN })]
}

function procStep({ caller }: EnterFacts): PlannedStep {
  const operation = {
    ...({ name: 'mount', source: 'proc', target: '/proc', type: 'proc', data: '' } as const),
    flags: QUIET,
  }
  return step(operation, 'mount a /proc of the PID namespace', {
    ...{ forecast: filtered(caller, WORKS), advice: HIDDEN, optional: true },
  })
}

/** mount_too_revealing(): in a user namespace, only where the caller sees the whole of such a mount already. */
const HIDDEN: readonly Advice[] = [
  {
    errno: 'EPERM',
    why: 'a user namespace may mount one only where none of ours is covered in parts, as in containers',
    hint: null,
  },
]
