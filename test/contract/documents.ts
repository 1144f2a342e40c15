import { failureOf } from '../../src/cli/failure.ts'
import { NsxError } from '../../src/errors.ts'
import { LIST_COLUMNS } from '../../src/query/columns.ts'
import { rowsOf } from '../../src/query/rows.ts'
import { columnsDocument, listDocument } from '../../src/render/list-document.ts'
import { type Asked, askNamed } from '../support/ask.ts'
import { type FixtureOptions, fixtureHost } from '../support/fixture-host.ts'
import { MACHINES, type Machine } from '../support/fixture-procfs.ts'

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

/** As a reader gets it. */
function plain(document: unknown): unknown {
  return JSON.parse(JSON.stringify(document))
}

/** Documents of every machine, and of the ways in which less can be known. */
export const LISTS: readonly Sample[] = [
  ...(await Promise.all(
    MACHINES.map(async (machine) => ({ name: machine, document: await listOf(machine) })),
  )),
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
async function withoutIds(): Promise<unknown> {
  const host = fixtureHost('two-containers')
  const { snapshot, selection } = await askNamed({
    ...host,
    describe: (requests, options) => {
      if (!host.describe) throw new Error('no nsfs')
      const answer = host.describe(requests, options)
      return { ...answer, facts: answer.facts.map((fact) => ({ ...fact, id: null })) }
    },
  })
  return plain(listDocument(snapshot, rowsOf(snapshot, selection)))
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
]

function errorOf(error: unknown, command: string | null): unknown {
  return plain({ schema: 'nsx.error/1', command, error: failureOf(error, command ?? undefined) })
}
