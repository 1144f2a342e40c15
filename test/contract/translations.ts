import type { NsType } from '../../src/kernel/namespace-types.ts'
import type { IdKind } from '../../src/model/id-facts.ts'
import { capsDocument } from '../../src/render/caps-document.ts'
import { idDocument } from '../../src/render/id-document.ts'
import { pidDocument } from '../../src/render/pid-document.ts'
import type { FixtureOptions } from '../support/fixture-host.ts'
import type { Machine } from '../support/fixture-procfs.ts'
import { capsOf, hostWithFiles, idsOf, pidsOf } from '../support/translations.ts'
import { plain, type Sample } from './documents.ts'

const NO_NSFS: FixtureOptions = { nsfs: false }

/** A kernel that tells neither pids of namespaces nor credentials in whole. */
const LITTLE: FixtureOptions = {
  files: { '3200/status': Buffer.from('Name:\tx\nTgid:\t3200\nThreads:\t1\n') },
}
/** A thread of 3000, by the number of another process. */
const THREAD: FixtureOptions = {
  files: {
    '3200/status': Buffer.from(
      'Name:\tx\nTgid:\t3000\nThreads:\t1\nNStgid:\t3000\t1\nNSpid:\t3200\t5\t1\n',
    ),
  },
}
const CLOSED: FixtureOptions = { faults: [{ call: 'bytes', path: /_map$/, errno: 'EACCES' }] }

const FILES = {
  '/etc/passwd': 'root:x:0:0::/:/bin/sh\nann:x:1000:1000::/:/bin/sh\n',
  '/etc/group': 'root:x:0:\nstaff:x:1000:ann\n',
  '/etc/subuid': 'ann:100000:65536\n1000:100000:10\n',
  '/etc/subgid': 'ann:100000:65536\n',
  '3200/root/etc/passwd': 'r\ufffdot:x:0:0::/:/bin/sh\n',
  '3000/root/etc/passwd': 'box:x:0:0::/:/bin/sh\n',
}

const PID_CASES: readonly (readonly [
  name: string,
  Machine,
  words: readonly string[],
  within?: string,
  options?: FixtureOptions,
])[] = [
  ['a process of the host', 'bare-host', ['700']],
  ['a zombie', 'bare-host', ['777']],
  ['a container', 'two-containers', ['1100', '1101']],
  ['nested', 'nested-user', ['3200']],
  ['as another sees it', 'nested-user', ['3200'], '3000'],
  ['as a namespace has it', 'nested-user', ['3200', '3000'], 'pid:[4026532503]'],
  ['that another does not see', 'nested-user', ['1'], '3000'],
  ['unreadable', 'unprivileged', ['1'], '4950'],
  ['hostile', 'hostile', ['6103'], '6105'],
  ['without nsfs', 'nested-user', ['3200'], '3000', NO_NSFS],
  ['that the kernel does not tell', 'nested-user', ['3200'], '3000', LITTLE],
  ['of a thread', 'nested-user', ['3200'], '3000', THREAD],
]

export const PIDS: readonly Sample[] = await Promise.all(
  PID_CASES.map(async ([name, machine, words, within, options]) => {
    const { facts, view } = await pidsOf(hostWithFiles(machine, {}, options), words, within)
    return { name, document: plain(pidDocument(facts, view)) }
  }),
)

const ID_CASES: readonly (readonly [
  name: string,
  Machine,
  words: readonly string[],
  asked?: { readonly within?: string; readonly kind?: IdKind },
  options?: FixtureOptions,
])[] = [
  ['of a process', 'nested-user', ['3200']],
  ['the groups of a process', 'nested-user', ['3200'], { kind: 'gid' }],
  ['as it numbers them', 'nested-user', ['0@3200', '70000@3200', '5@3000', '0@1']],
  ['of a container', 'two-containers', ['1100', '33@1100']],
  ['as another calls them', 'nested-user', ['100000', 'ann', '0@3000'], { within: '3200' }],
  ['of a group', 'nested-user', ['staff'], { within: '3000', kind: 'gid' }],
  ['of a namespace', 'nested-user', ['0@user:[4026532501]'], { within: 'user:[4026532521]' }],
  ['unreadable', 'unprivileged', ['1', '0@1', '0@4950']],
  ['hostile', 'hostile', ['6103']],
  ['without nsfs', 'nested-user', ['0@3200'], { within: '3000' }, NO_NSFS],
  ['with closed maps', 'nested-user', ['0@3200', '3200'], { within: '3000' }, CLOSED],
  ['with closed maps, of a process', 'nested-user', ['0@3200', '3200'], {}, CLOSED],
  ['as an ordinary user', 'unprivileged', ['0'], { within: '4950' }, CLOSED],
  ['without credentials', 'nested-user', ['3200'], {}, LITTLE],
]

export const IDS: readonly Sample[] = await Promise.all(
  ID_CASES.map(async ([name, machine, words, asked = {}, options = {}]) => {
    const told = words.filter((word) => asked.within === undefined || word !== '3200')
    const { facts, view } = await idsOf(hostWithFiles(machine, FILES, options), told, asked)
    return { name, document: plain(idDocument(facts, view)) }
  }),
)

const CAPS_CASES: readonly (readonly [
  name: string,
  Machine,
  readonly [string, string],
  types?: readonly NsType[] | null,
  options?: FixtureOptions,
])[] = [
  ['of the host in a sandbox', 'nested-user', ['1', '3200']],
  ['of a sandbox in the host', 'nested-user', ['3200', '1']],
  ['of a sandbox in one below', 'nested-user', ['3000', '3200']],
  ['of its creator', 'nested-user', ['2900', '3000']],
  ['in namespaces of some types', 'nested-user', ['3000', '3200'], ['net', 'uts', 'pid']],
  ['in a namespace', 'nested-user', ['2900', 'net:[4026532522]']],
  ['in a user namespace', 'nested-user', ['3200', 'user:[4026532510]']],
  ['in a container', 'two-containers', ['2000', '1100']],
  ['of a container', 'two-containers', ['1100', '2000']],
  ['of a zombie', 'bare-host', ['777', '700']],
  ['in a zombie', 'bare-host', ['700', '777']],
  ['unreadable', 'unprivileged', ['4950', '1']],
  ['of an unreadable one', 'unprivileged', ['1', '5000']],
  ['hostile', 'hostile', ['6103', '6105']],
  ['without nsfs', 'nested-user', ['3000', '3200'], null, NO_NSFS],
  ['without credentials', 'nested-user', ['3200', '3000'], null, LITTLE],
]

export const CAPS: readonly Sample[] = await Promise.all(
  CAPS_CASES.map(async ([name, machine, pair, types, options = {}]) => {
    const { facts, view } = await capsOf(hostWithFiles(machine, {}, options), pair, types)
    return { name, document: plain(capsDocument(facts, view)) }
  }),
)
