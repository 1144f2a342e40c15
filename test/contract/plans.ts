import { collectPlanHost } from '../../src/collect/plan-host.ts'
import type {
  ActionPlan,
  Operation,
  OperationName,
  PlannedStep,
} from '../../src/model/exec-plan.ts'
import { planDocument } from '../../src/render/plan-document.ts'
import { fixtureHost } from '../support/fixture-host.ts'

type Table = { readonly [Name in OperationName]: Extract<Operation, { name: Name }> }

/** One of each kind, with as little null as there can be. */
export const OPERATIONS: Table = {
  monitor: { name: 'monitor', spawns: true, pty: false, statusFd: 3 },
  beside: { name: 'beside' },
  go: { name: 'go', to: 1 },
  pidfd: { name: 'pidfd', slot: 0, pid: 812, startTicks: '7353', inode: '99' },
  alive: { name: 'alive', slot: 0 },
  openDirectory: { name: 'openDirectory', slot: 1, path: '/proc/812/root' },
  openNamespace: {
    ...{ name: 'openNamespace', slot: 2, path: '/run/netns/blue' },
    ...{ inum: 4026532281, type: 0x4000_0000 },
  },
  openById: { name: 'openById', slot: 2, id: '7353', inum: 4026532281, type: 0x4000_0000 },
  openBySocket: { name: 'openBySocket', slot: 2, process: 0, fd: 5 },
  openOwner: { name: 'openOwner', slot: 3, of: 2 },
  write: { name: 'write', path: '/sys/fs/cgroup/a/cgroup.procs', text: '0' },
  writeOwn: { name: 'writeOwn', file: 'uid_map', text: '0 1000 1\n' },
  mapTool: { name: 'mapTool', program: '/usr/bin/newuidmap', args: ['0', '100000', '65536'] },
  bindNamespace: { name: 'bindNamespace', link: 'net', target: '/run/netns/blue' },
  seal: { name: 'seal', keep: [3] },
  setns: { name: 'setns', slot: 0, flags: 0x4000_0000 },
  unshare: { name: 'unshare', flags: 0x4000_0000, patienceMs: 2000 },
  chroot: { name: 'chroot', slot: 1 },
  chrootPath: { name: 'chrootPath', path: '/srv' },
  chdir: { name: 'chdir', slot: 1 },
  chdirPath: { name: 'chdirPath', path: '/' },
  closeSlots: { name: 'closeSlots' },
  spawn: { name: 'spawn', flags: 0, go: 2 },
  init: { name: 'init' },
  mount: { name: 'mount', source: 'proc', target: '/proc', type: 'proc', flags: 14, data: '' },
  fileOver: { name: 'fileOver', target: '/etc/resolv.conf', content: 'nameserver 10.0.0.1\n' },
  hostname: { name: 'hostname', text: 'box' },
  loopback: { name: 'loopback' },
  pinCpu: { name: 'pinCpu' },
  groups: { name: 'groups', ids: [4, 27], lenient: true },
  gid: { name: 'gid', id: 0 },
  uid: { name: 'uid', id: 0, keep: false },
  ambient: { name: 'ambient' },
  capabilities: {
    ...{ name: 'capabilities', bounding: '000001ffffffffff', permitted: '0000000000000000' },
    ...{ effective: '0000000000000000', inheritable: '0000000000000000' },
    ambient: '0000000000000000',
  },
  noNewPrivs: { name: 'noNewPrivs' },
  umask: { name: 'umask', mask: 0o22 },
  limit: { name: 'limit', resource: 7, soft: '1024', hard: '1048576' },
  deathSignal: { name: 'deathSignal', signal: 9 },
  exec: { name: 'exec', file: 'ip', args: ['ip', 'addr'], environment: ['TERM=xterm'] },
}

/** The same without what can be left out. */
const BARE: readonly Operation[] = [
  { ...OPERATIONS.monitor, statusFd: null },
  { ...OPERATIONS.pidfd, startTicks: null, inode: null },
  { ...OPERATIONS.openNamespace, inum: null },
  { ...OPERATIONS.spawn, go: null },
  { ...OPERATIONS.limit, soft: null, hard: null },
]

export function stepOf(operation: Operation, rest: Partial<PlannedStep> = {}): PlannedStep {
  const forecast = { outcome: 'works', errno: null, why: null, hint: null } as const
  return { operation, what: `do ${operation.name}`, advice: [], forecast, ...rest }
}

const REFUSED = {
  outcome: 'fails',
  errno: 'EPERM',
  why: 'it needs CAP_SYS_ADMIN',
  hint: 'run it as root',
} as const

const host = collectPlanHost(fixtureHost('two-containers'), { uid: 0, now: new Date(0) })

function documentsOf(command: 'enter' | 'run'): { name: string; document: unknown }[] {
  const document = (plan: Partial<ActionPlan>): unknown =>
    JSON.parse(
      JSON.stringify(
        planDocument(
          { steps: [], notes: [], remarks: [], skipped: [], ...plan },
          { command, host },
        ),
      ),
    )
  const operations = [...Object.values(OPERATIONS), ...BARE]
  return [
    ...operations.map((operation, index) => ({
      name: `${operation.name} (${index + 1})`,
      document: document({ steps: [stepOf(operation)] }),
    })),
    {
      name: 'a refusal',
      document: document({
        steps: [stepOf(OPERATIONS.init, { forecast: REFUSED, optional: true, group: 1 })],
        ...{ notes: ['it has seccomp filters'], skipped: ['time: not permitted'] },
      }),
    },
  ]
}

export const ENTER_PLANS = documentsOf('enter')
export const RUN_PLANS = documentsOf('run')
