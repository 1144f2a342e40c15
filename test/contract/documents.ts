import assert from 'node:assert/strict'
import { failureOf } from '../../src/cli/failure.ts'
import { NsxError } from '../../src/errors.ts'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { LIST_COLUMNS } from '../../src/query/columns.ts'
import { rowsOf } from '../../src/query/rows.ts'
import { showView } from '../../src/query/show.ts'
import { diffDocument } from '../../src/render/diff-document.ts'
import { columnsDocument, listDocument } from '../../src/render/list-document.ts'
import { namespaceDocument, showDocument } from '../../src/render/show-document.ts'
import { type Asked, askNamed } from '../support/ask.ts'
import { type FixtureHost, type FixtureOptions, fixtureHost } from '../support/fixture-host.ts'
import { MACHINES, type Machine } from '../support/fixture-procfs.ts'
import { diffOf, type Named, namespaceOf, showOf } from '../support/inspect.ts'

/** As test/fixtures/machine.mjs has them. */
const INITIAL = {
  ...{ mnt: 4026531832, net: 4026531833, pid: 4026531836, uts: 4026531838, ipc: 4026531839 },
  ...{ user: 4026531837, cgroup: 4026531835, time: 4026531834 },
} as const

export interface Sample {
  readonly name: string
  readonly document: unknown
}

async function listOf(
  machine: Machine,
  asked: Asked = {},
  options: FixtureOptions = {},
): Promise<unknown> {
  const { snapshot, selection } = await askNamed(fixtureHost(machine, options), asked)
  return plain(listDocument(snapshot, rowsOf(snapshot, selection)))
}

/** As a reader gets it, who must get all of it: no undefined, no Map, no number that a double cannot hold. */
export function plain(document: unknown): unknown {
  const read = JSON.parse(JSON.stringify(document), (_, value) => {
    if (typeof value === 'number') assert.ok(Number.isSafeInteger(value), `${value} is not safe`)
    return value
  })
  assert.deepStrictEqual(read, document)
  return read
}

/** Documents of every machine, and of the ways in which less can be known. */
export const LISTS: readonly Sample[] = [
  ...(await Promise.all(
    MACHINES.map(async (machine) => ({ name: machine, document: await listOf(machine) })),
  )),
  { name: 'of a deep look', document: await listOf('hiding-places', { deep: true }) },
  {
    name: 'of a deep look without nsfs',
    document: await listOf('hiding-places', { deep: true }, { nsfs: false }),
  },
  { name: 'without nsfs', document: await listOf('nested-user', {}, { nsfs: false }) },
  { name: 'without ids', document: await withoutIds() },
  {
    name: 'without descriptors',
    document: await listOf('pinned-net', { descriptors: false, sockets: false }),
  },
  { name: 'of one type', document: await listOf('pinned-net', { types: ['net'] }) },
  { name: 'of one process', document: await listOf('two-containers', { task: 1101 }) },
  { name: 'of a zombie', document: await listOf('bare-host', { task: 777 }) },
  { name: 'of a thread', document: await threadOf() },
  { name: 'without a reader', document: await listOf('pinned-net', {}, { faults: NO_READER() }) },
  { name: 'with failures', document: await listOf('bare-host', {}, { faults: FAILURES() }) },
]

/** Links of a thread can be read below /proc/TID, though no listing of /proc shows it. */
async function threadOf(): Promise<unknown> {
  const host = fixtureHost('nested-user')
  const listPids = () => host.listPids().filter((pid) => pid !== 3200)
  const { snapshot, selection } = await askNamed({ ...host, listPids }, { task: 3200 })
  return plain(listDocument(snapshot, rowsOf(snapshot, selection)))
}

function NO_READER() {
  return [
    { call: 'link', path: 'self', errno: 'ENOENT' },
    { call: 'bytes', path: 'self/mountinfo', errno: 'ENOENT' },
    { call: 'bytes', path: /^sys\//, errno: 'ENOENT' },
    { call: 'stat', path: 'self/ns/net', errno: 'ENOENT' },
  ] as const
}

function FAILURES() {
  return [
    { call: 'bytes', path: '350/stat', errno: 'EIO' },
    { call: 'bytes', path: '25/status', errno: 'EACCES' },
    { call: 'head', path: '25/cmdline', errno: 'EACCES' },
    { call: 'link', path: '610/ns/ipc', errno: 'EIO' },
    { call: 'bytes', path: 'sys/kernel/hostname', errno: 'EIO' },
  ] as const
}

/** Before Linux 6.18. */
function hostWithoutIds(): FixtureHost {
  const host = fixtureHost('two-containers')
  return {
    ...host,
    describe: (requests, options) => {
      if (!host.describe) throw new Error('no nsfs')
      const answer = host.describe(requests, options)
      return { ...answer, facts: answer.facts.map((fact) => ({ ...fact, id: null })) }
    },
  }
}

async function withoutIds(): Promise<unknown> {
  const { snapshot, selection } = await askNamed(hostWithoutIds())
  return plain(listDocument(snapshot, rowsOf(snapshot, selection)))
}

const NO_NSFS: FixtureOptions = { nsfs: false }

/** A task may be read, but of no file of it more than its first lines. */
const CLOSED: FixtureOptions = {
  faults: [
    {
      call: 'bytes',
      path: /\/(mountinfo|uid_map|gid_map|setgroups|timens_offsets|cgroup)$/,
      errno: 'EACCES',
    },
    { call: 'head', path: /cmdline$/, errno: 'EIO' },
    { call: 'link', path: /_for_children$/, errno: 'EACCES' },
  ],
}

/** Of each kind of task that a machine can have. */
const TASKS: readonly (readonly [name: string, Machine, pid: number, FixtureOptions?])[] = [
  ['a service', 'bare-host', 350],
  ['a task whose children go elsewhere', 'bare-host', 610],
  ['the first process', 'bare-host', 1],
  ['a kernel thread', 'bare-host', 25],
  ['a zombie', 'bare-host', 777],
  ['a container', 'two-containers', 1100],
  ['another process of it', 'two-containers', 1101],
  ['a container without a name', 'two-containers', 1300],
  ['a sandbox', 'nested-user', 3000],
  ['a sandbox in it', 'nested-user', 3200],
  ['an unreadable process', 'unprivileged', 1],
  ['a process among unreadable ones', 'unprivileged', 4950],
  ['ourselves as a user', 'unprivileged', 5000],
  ...[6101, 6103, 6104, 6105, 6107, 6110].map((pid) => [`hostile ${pid}`, 'hostile', pid] as const),
  ['a container without nsfs', 'two-containers', 1100, NO_NSFS],
  ['a sandbox without nsfs', 'nested-user', 3200, NO_NSFS],
  ['what is closed', 'two-containers', 1100, CLOSED],
  [
    'of which the status tells little',
    'two-containers',
    1300,
    { files: { '1300/status': LITTLE() } },
  ],
]

/** Of a kernel before 4.1: neither pids of namespaces nor credentials in whole. */
function LITTLE(): Buffer {
  return Buffer.from('Name:\tx\nTgid:\t1300\nThreads:\t1\n')
}

export const SHOWS: readonly Sample[] = [
  ...(await Promise.all(
    TASKS.map(async ([name, machine, pid, options]) => {
      const { inspection, view } = await showOf(fixtureHost(machine, options), pid)
      return { name, document: plain(showDocument(inspection, view)) }
    }),
  )),
  { name: 'of one type', document: await showOneType() },
  { name: 'with threads elsewhere', document: await showThreads() },
  { name: 'without ids', document: await showWithoutIds() },
]

async function showWithoutIds(): Promise<unknown> {
  const { inspection, view } = await showOf(hostWithoutIds(), 1100)
  return plain(showDocument(inspection, view))
}

async function showOneType(): Promise<unknown> {
  const { inspection, view } = await showOf(fixtureHost('two-containers'), 1100, ['uts'])
  return plain(showDocument(inspection, view))
}

/** Two threads that have gone their own ways, of which one does not tell all. */
async function showThreads(): Promise<unknown> {
  const { inspection } = await showOf(fixtureHost('nested-user'), 3200)
  const strayThreads = [
    {
      tid: 3201,
      startTicks: '32001',
      comm: 'stray',
      lossy: [],
      links: { net: 4026531833, time_for_children: 4026531834 },
      linkErrnos: {},
    },
    {
      tid: 3202,
      startTicks: '32002',
      comm: '\ufffd',
      lossy: ['comm' as const],
      links: { uts: 4026531838 },
      linkErrnos: { net: 'EACCES' as const, time: 'ENOENT' as const },
    },
  ]
  const changed = {
    ...inspection,
    subject: { ...inspection.subject, threads: 4, threadsUnread: 1, strayThreads },
  }
  return plain(showDocument(changed, showView(changed)))
}

const PLACES: readonly (readonly [Machine, Exclude<Named, number>, FixtureOptions?])[] = [
  ...NS_TYPE_NAMES.map((type) => ['bare-host', `${type}:[${INITIAL[type]}]`] as const),
  ['bare-host', 'mnt:[4026532195]'],
  ...(
    [
      'mnt:[4026532301]',
      'uts:[4026532302]',
      'ipc:[4026532303]',
      'pid:[4026532304]',
      'net:[4026532305]',
      'cgroup:[4026532306]',
      'uts:[4026532312]',
    ] as const
  ).map((ns) => ['two-containers', ns] as const),
  ['two-containers', 'net:[4026532305]', NO_NSFS],
  ['nested-user', 'user:[4026532501]'],
  ['nested-user', 'user:[4026532510]'],
  ['nested-user', 'user:[4026532521]'],
  ['nested-user', 'pid:[4026532503]'],
  ['nested-user', 'user:[4026532501]', NO_NSFS],
  ['pinned-net', 'net:[4026532401]'],
  ['pinned-net', 'net:[4026532402]'],
  ['pinned-net', 'net:[4026532403]'],
  ['pinned-net', 'net:[4026532405]'],
  ['pinned-net', 'net:[4026532406]'],
  ['pinned-net', 'uts:[4026532408]'],
  ['unprivileged', 'mnt:[4026532603]'],
  ['unprivileged', 'net:[4026531833]'],
  ['hostile', 'uts:[4026532702]'],
  ['hostile', 'uts:[4026532704]'],
  ['hostile', 'pid:[4026532724]'],
]

export const NAMESPACES: readonly Sample[] = [
  ...(await Promise.all(
    PLACES.map(async ([machine, named, options]) => ({
      name: `${machine}, ${named}${options ? ' without nsfs' : ''}`,
      document: await namespaceOfHost(fixtureHost(machine, options), named),
    })),
  )),
  { name: 'without ids', document: await namespaceOfHost(hostWithoutIds(), 'net:[4026532305]') },
]

async function namespaceOfHost(host: FixtureHost, named: Exclude<Named, number>): Promise<unknown> {
  const { inspection, view } = await namespaceOf(host, named)
  return plain(namespaceDocument(inspection, view))
}

const PAIRS: readonly (readonly [name: string, Machine, Named, Named, FixtureOptions?])[] = [
  ['the same', 'bare-host', 1, 700],
  ['a service and the first process', 'bare-host', 1, 610],
  ['a zombie', 'bare-host', 777, 700],
  ['two zombies', 'bare-host', 777, 777],
  ['two containers', 'two-containers', 1100, 1300],
  ['a container and the host', 'two-containers', 2000, 1100],
  ['nested', 'nested-user', 3000, 3200],
  ['nested, the other way round', 'nested-user', 3200, 2900],
  ['unreadable', 'unprivileged', 1, 5000],
  ['half readable', 'unprivileged', 4950, 5000],
  ['hostile', 'hostile', 6103, 6105],
  ['two namespaces', 'two-containers', 'net:[4026531833]', 'net:[4026532305]'],
  ['the same namespace', 'two-containers', 'uts:[4026532302]', 'uts:[4026532302]'],
  ['two user namespaces', 'nested-user', 'user:[4026531837]', 'user:[4026532521]'],
  ['a namespace without processes', 'pinned-net', 'net:[4026532401]', 'net:[4026532402]'],
  ['a task and a namespace', 'two-containers', 1100, 'uts:[4026532312]'],
  ['without nsfs', 'two-containers', 1100, 1300, NO_NSFS],
  ['closed', 'two-containers', 1100, 2000, CLOSED],
]

export const DIFFS: readonly Sample[] = [
  ...(await Promise.all(
    PAIRS.map(async ([name, machine, a, b, options]) => ({
      ...{ name, document: await diffOfHost(fixtureHost(machine, options), [a, b]) },
    })),
  )),
  { name: 'without ids', document: await diffOfHost(hostWithoutIds(), [1100, 1300]) },
]

async function diffOfHost(host: FixtureHost, pair: readonly [Named, Named]): Promise<unknown> {
  const { inspection, view } = await diffOf(host, pair)
  return plain(diffDocument(inspection, view))
}

export const COLUMNS: readonly Sample[] = [
  { name: 'columns', document: plain(columnsDocument(LIST_COLUMNS)) },
]

const refused = new NsxError('the namespaces of process 1 cannot be read', {
  ...{ code: 'permission-denied', exitCode: 4, hint: 'try sudo', target: '1', errno: 'EACCES' },
})

export const ERRORS: readonly Sample[] = [
  { name: 'a refusal', document: errorOf(refused, 'list') },
  {
    name: 'a mistake',
    document: errorOf(new NsxError('no', { code: 'usage', exitCode: 2 }), null),
  },
  { name: 'a bug', document: errorOf(new TypeError('x is not a function'), 'list') },
  { name: 'a refusal to enter', document: errorOf(refused, 'enter') },
  { name: 'a bug of run', document: errorOf(new TypeError('x is not a function'), 'run') },
]

function errorOf(error: unknown, command: string | null): unknown {
  return plain({ schema: 'nsx.error/1', command, error: failureOf(error, command ?? undefined) })
}
