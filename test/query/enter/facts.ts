import type { MountinfoLine } from '../../../src/kernel/mountinfo.ts'
import { NS_TYPE_NAMES, type NsType, nsTypeRow } from '../../../src/kernel/namespace-types.ts'
import type { Caller } from '../../../src/model/caller.ts'
import type { EnterFacts, EnterTarget } from '../../../src/model/enter-facts.ts'
import type { EnterRequest, NamespaceSource } from '../../../src/model/enter-request.ts'
import type { ActionPlan, Operation, PlannedStep } from '../../../src/model/exec-plan.ts'
import type { Kinship } from '../../../src/model/pair.ts'
import type { Subject } from '../../../src/model/subject.ts'
import { planEnter } from '../../../src/query/plan-enter.ts'
import { credentials } from '../rules/pairs.ts'

export const INITIAL_USER = 4026531837
export const INITIAL_PID = 4026531836
export const ALL = 0x1ffffffffffn

/** The inode of the target's namespace of a type, and of the caller's. */
export function theirs(type: NsType): number {
  return 200 + NS_TYPE_NAMES.indexOf(type)
}

function ours(type: NsType): number {
  if (type === 'user') return INITIAL_USER
  return type === 'pid' ? INITIAL_PID : 100 + NS_TYPE_NAMES.indexOf(type)
}

function inumsOf(numbers: (type: NsType) => number): Record<NsType, number> {
  return Object.fromEntries(NS_TYPE_NAMES.map((type) => [type, numbers(type)])) as never
}

export function subject(changes: Partial<Subject> = {}): Subject {
  return {
    ...{ pid: 812, tgid: 812, ppid: 1, startTicks: '5', comm: 'x', args: ['x'], lossy: [] },
    ...{ state: 'S', kernelThread: false, threads: 1, credentials: credentials() },
    ...{ nsPids: [812, 1], links: {}, linkErrnos: {}, strayThreads: [], threadsUnread: 0 },
    ...changes,
  }
}

/** The caller is root of the machine, unless said otherwise. */
export function caller(
  { uid = 0, capabilities = uid === 0 ? ALL : 0n }: { uid?: number; capabilities?: bigint } = {},
  changes: Partial<Caller> = {},
): Caller {
  const links = inumsOf(ours)
  return {
    subject: subject({
      ...{ pid: 700, tgid: 700, nsPids: [700], startTicks: '9' },
      credentials: credentials({ uid, effective: capabilities }),
      links: { ...links, pid_for_children: links.pid, time_for_children: links.time },
    }),
    kinship: kinship(),
    kernelIds: true,
    uidMap: [{ inside: 0, outside: 0, count: 0xffff_ffff }],
    gidMap: [{ inside: 0, outside: 0, count: 0xffff_ffff }],
    ...{
      setgroups: true,
      chrooted: false,
      rootIsMount: true,
      terminal: false,
      openFiles: null,
      shell: '/bin/zsh',
    },
    environment: ['PATH=/opt/bin', 'TERM=xterm', 'LC_ALL=C', 'SECRET=1', 'HOME=/home/me'],
    ...changes,
  }
}

/** The target's namespaces belong to its user namespace, which uid 1000 has made. */
export function kinship(changes: Partial<Kinship> = {}): Kinship {
  const user = theirs('user')
  return {
    users: new Map([
      [INITIAL_USER, { inum: INITIAL_USER, parent: null, ownerUid: 0 }],
      [user, { inum: user, parent: INITIAL_USER, ownerUid: 1000 }],
    ]),
    pidParents: new Map([
      [INITIAL_PID, null],
      [theirs('pid'), INITIAL_PID],
    ]),
    owners: new Map(
      NS_TYPE_NAMES.flatMap((type) =>
        type === 'user'
          ? []
          : ([
              [theirs(type), user],
              [ours(type), INITIAL_USER],
            ] as const),
      ),
    ),
    ...changes,
  }
}

/** It differs in all namespaces. */
export function target(changes: Partial<EnterTarget> = {}): EnterTarget {
  const inums = inumsOf(theirs)
  return {
    name: 'web (pid 812)',
    subject: subject({ links: inums }),
    process: { pid: 812, startTicks: '5' },
    ...{ thread: false, folder: '/proc/812', inums, errnos: {}, chrooted: null },
    ...{ cgroups: null, limits: [], oomScore: null, environment: null, label: null },
    ...changes,
  }
}

export function facts(changes: Partial<EnterFacts> = {}): EnterFacts {
  return {
    ...{ caller: caller(), target: target(), named: new Map(), socketNamespace: null },
    pidfdSetns: true,
    maps: new Map([
      [
        theirs('user'),
        {
          uids: [{ inside: 0, outside: 100_000, count: 65_536 }],
          gids: [{ inside: 0, outside: 100_000, count: 65_536 }],
        },
      ],
    ]),
    passwd: 'root:x:0:0:root:/root:/bin/ash\nweb:x:33:33::/var/www:/usr/sbin/nologin\n',
    ...{ resolvConf: null, cgroupMounts: [], callerCgroups: null, callerLimits: [] },
    ...{ callerOomScore: null, files: null },
    ...changes,
  }
}

const FROM_TARGET: NamespaceSource = { from: 'target' }

/** @param types of the target that are asked for; none: as it pleases */
export function request(
  types: readonly NsType[] = [],
  changes: Partial<EnterRequest> = {},
): EnterRequest {
  return {
    target: { kind: 'process', text: '812', pid: 812 },
    namespaces: new Map(types.map((type) => [type, FROM_TARGET])),
    ...{ targetInode: null, all: false, userParent: false, netSocket: null, root: null },
    ...{ workingDirectory: null, innerDirectory: null, uid: null, gid: null },
    ...{ preserveCredentials: false, keepCapabilities: false, targetEnvironment: false },
    ...{ keepEnvironment: false, fork: true, joinCgroup: false, followContext: false },
    ...{ like: false, dns: false, sys: false, pty: null, preserveFds: 0, statusFd: null },
    ...{ dryRun: false, command: ['true'] },
    ...changes,
  }
}

/** The one step of an operation. */
export function only<N extends Operation['name']>(
  plan: ActionPlan,
  name: N,
): PlannedStep & { operation: Extract<Operation, { name: N }> } {
  const found = plan.steps.filter(({ operation }) => operation.name === name)
  if (found.length !== 1) throw new Error(`${found.length} steps are ${name}`)
  return found[0] as never
}

export function names(plan: ActionPlan): string[] {
  return plan.steps.map(({ operation }) => operation.name)
}

export const bits = (...types: NsType[]) =>
  types.reduce((sum, type) => sum + nsTypeRow(type).bit, 0)

export function planOf(
  types: readonly NsType[] = [],
  asked: Partial<EnterRequest> = {},
  found: Partial<EnterFacts> = {},
): ActionPlan {
  return planEnter(request(types, asked), facts(found))
}

/** A target that is the caller's equal in some namespaces. */
export function sharing(...types: NsType[]) {
  const inums = Object.fromEntries(
    NS_TYPE_NAMES.map((type) => [type, types.includes(type) ? ours(type) : theirs(type)]),
  )
  return target({ inums })
}

/** A hierarchy of cgroup2 that the caller has mounted. */
export function cgroupMount(mountPoint = '/sys/fs/cgroup', root = '/'): MountinfoLine {
  return {
    ...{ id: 1, parentId: 0, device: '0:1', root, mountPoint, mountOptions: 'rw' },
    ...{ propagation: 'shared', peerGroup: 1, master: null, fsType: 'cgroup2', source: 'x' },
    options: 'rw',
  }
}
