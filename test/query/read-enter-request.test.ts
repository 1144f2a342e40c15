import { describe, expect, it } from 'vitest'
import { roleOf } from '../../src/cli/command-start.ts'
import { rowsOf } from '../../src/cli/flag-table.ts'
import { type EnterWords, readEnterRequest } from '../../src/query/read-enter-request.ts'

const TYPES = ['mount', 'uts', 'ipc', 'net', 'pid', 'user', 'cgroup', 'time'] as const
const types = Object.fromEntries(
  TYPES.flatMap((type) => [
    [type, false],
    [`${type}-from`, undefined],
  ]),
) as unknown as EnterWords

const words: EnterWords = {
  ...types,
  ...{ all: false, 'user-parent': false, 'net-socket': undefined, target: undefined },
  ...{ root: false, 'root-from': undefined, wd: false, 'wd-from': undefined, wdns: undefined },
  ...{ setuid: undefined, setgid: undefined, 'preserve-credentials': false, 'keep-caps': false },
  ...{ env: false, 'keep-env': false, 'no-fork': false, 'join-cgroup': false },
  ...{ 'follow-context': false, like: false, dns: false, sys: false, pty: undefined },
  ...{ 'preserve-fds': undefined, 'status-fd': undefined, 'dry-run': false, json: false },
}
const read = (some: Partial<EnterWords>, target?: string) =>
  readEnterRequest({ ...words, ...some }, target, [])

describe('readEnterRequest', () => {
  it('means nothing that was not said', () => {
    expect(read({}, 'web')).toEqual({
      target: { kind: 'container', text: 'web', family: null, name: 'web' },
      ...{ targetInode: null, namespaces: new Map(), all: false, userParent: false },
      ...{ netSocket: null, root: null, workingDirectory: null, innerDirectory: null },
      ...{ uid: null, gid: null, preserveCredentials: false, keepCapabilities: false },
      ...{ targetEnvironment: false, keepEnvironment: false, fork: true, joinCgroup: false },
      ...{ followContext: false, like: false, dns: false, sys: false, pty: null },
      ...{ preserveFds: 0, statusFd: null, dryRun: false, command: [] },
    })
  })

  it.each<[string, Partial<EnterWords>, object]>([
    ['a uid', { setuid: '0', setgid: '1000' }, { uid: 0, gid: 1000 }],
    [
      'the ids of the target',
      { setuid: 'follow', setgid: 'follow' },
      { uid: 'follow', gid: 'follow' },
    ],
    ['its root', { root: true }, { root: 'target' }],
    ['another root', { root: true, 'root-from': '/srv' }, { root: { path: '/srv' } }],
    ['its directory', { wd: true }, { workingDirectory: 'target' }],
    ['another directory', { wd: true, 'wd-from': '.' }, { workingDirectory: { path: '.' } }],
    ['a directory inside', { wdns: '/x' }, { innerDirectory: '/x' }],
    ['a socket', { 'net-socket': '5' }, { netSocket: 5 }],
    ['no fork', { 'no-fork': true }, { fork: false }],
    ['a terminal of its own', { pty: true }, { pty: true }],
    ['ours', { pty: false }, { pty: false }],
    ['descriptors', { 'preserve-fds': '2', 'status-fd': '5' }, { preserveFds: 2, statusFd: 5 }],
    ['standard error for the end', { 'preserve-fds': '2', 'status-fd': '2' }, { statusFd: 2 }],
    ['a plan', { 'dry-run': true, json: true }, { dryRun: true }],
    ['its environment', { env: true }, { targetEnvironment: true }],
    ['ids as they are', { 'preserve-credentials': true }, { preserveCredentials: true }],
  ])('reads %s', (_, some, meant) => {
    expect(read(some, '812')).toMatchObject(meant)
  })

  it('takes a namespace from the target, or from what is named', () => {
    const { namespaces } = read(
      { mount: true, net: true, 'net-from': 'netns:blue', uts: true, 'uts-from': '9' },
      'web',
    )
    expect([...namespaces]).toEqual([
      ['mnt', { from: 'target' }],
      ['net', { from: 'named', target: expect.objectContaining({ path: '/run/netns/blue' }) }],
      ['uts', { from: 'named', target: expect.objectContaining({ kind: 'process', pid: 9 }) }],
    ])
  })

  it.each([
    ['id:7353', { kind: 'id', id: '7353' }],
    [':7353', { kind: 'id', id: '7353' }],
    ['net:[4026532281]', { kind: 'inum', type: 'net' }],
    ['4026532281', { kind: 'inum', type: null }],
    ['web', { kind: 'container', name: 'web' }],
    ['./x', { kind: 'path', path: './x' }],
    ['7@web', { kind: 'inner', pid: 7 }],
  ])('takes --net=%s', (from, target) => {
    const { namespaces } = read({ net: true, 'net-from': from })
    expect(namespaces.get('net')).toMatchObject({ from: 'named', target })
  })
})

describe('the target', () => {
  it.each([
    ['812', null],
    ['812:4097', '4097'],
  ])('is a pid as nsenter writes it: %s', (target, targetInode) => {
    expect(read({ target })).toMatchObject({ target: { pid: 812 }, targetInode })
  })

  it('need not be a pid where nsenter would want one', () => {
    expect(read({ target: 'web' }).target).toMatchObject({ kind: 'container', name: 'web' })
  })

  it.each([
    ['netns:blue', 'net'],
    ['net:[4026532281]', 'net'],
    ['/proc/7/ns/uts', 'uts'],
    ['/proc/7/task/8/ns/pid_for_children', 'pid'],
    ['/run/netns/blue', 'net'],
  ])('that is a namespace is entered alone: %s', (text, type) => {
    const { target, namespaces } = read({}, text)
    expect(target).toBeNull()
    expect([...namespaces]).toEqual([
      [type, { from: 'named', target: expect.objectContaining({ text }) }],
    ])
  })

  it('that is a namespace is the one whose flag is given', () => {
    const { namespaces } = read({ net: true }, 'netns:blue')
    expect(namespaces.get('net')).toMatchObject({ from: 'named' })
  })

  it('is not needed where all namespaces are named', () => {
    expect(read({ net: true, 'net-from': '/x', setuid: '0' }).target).toBeNull()
  })

  it('is asked for by every flag that takes something from it, and by no other', () => {
    const named = { net: true, 'net-from': '/x' }
    const given = new Map([['net', '/x' as string | boolean]])
    for (const { name, kind, ofTarget } of rowsOf('enter')) {
      if (['net', 'dry-run', 'json', 'target', 'user', 'user-parent', 'color'].includes(name))
        continue
      const value = kind === 'value' ? (ofTarget === 'follow' ? 'follow' : '7') : true
      const role = roleOf('enter')?.(0, new Map([...given, [name, value]]))
      const tried = () =>
        read({
          ...(name === 'net-socket' ? { uts: true, 'uts-from': '/x' } : named),
          [name]: value,
        })
      if (ofTarget === undefined) expect(tried, name).not.toThrow()
      else expect(tried, name).toThrow(`TARGET is missing, from which --${name}`)
      expect(role, name).toBe(ofTarget === undefined ? 'either' : 'argument')
    }
  })
})

describe('a mistake', () => {
  it.each<[string, Partial<EnterWords>, string | undefined, string, RegExp]>([
    ['no target', {}, undefined, 'missing-argument', /^TARGET is missing$/],
    ['two targets', { target: '5' }, 'web', 'two-targets', /--target 5 and web/],
    ['no number', { setuid: 'root' }, '5', 'bad-number', /--setuid root/],
    ['-1 for an id', { setgid: '4294967295' }, '5', 'bad-number', /4294967295/],
    ['a negative descriptor', { 'net-socket': '-1' }, '5', 'bad-number', /not a descriptor/],
    ['too many descriptors', { 'preserve-fds': '9999999' }, '5', 'bad-number', /preserve-fds/],
    [
      'a descriptor twice',
      { 'preserve-fds': '2', 'status-fd': '4' },
      '5',
      'conflicting-flags',
      /4/,
    ],
    ['--json alone', { json: true }, '5', 'json-without-plan', /--dry-run/],
    ['two directories', { wd: true, wdns: '/' }, '5', 'conflicting-flags', /--wd and --wdns/],
    ['two environments', { env: true, 'keep-env': true }, '5', 'conflicting-flags', /env/],
    ['--like as somebody else', { like: true, setuid: '0' }, '5', 'conflicting-flags', /--like/],
    ['--dns with --mount', { dns: true, mount: true }, '5', 'conflicting-flags', /--dns/],
    ['two networks', { net: true, 'net-socket': '3' }, '5', 'conflicting-flags', /--net-socket/],
    ['a target of a type', { mount: true }, 'netns:blue', 'bad-target', /--mount needs a process/],
    ['a target of which type', {}, 'id:5', 'bad-target', /not of which type/],
    ['two of a type', { net: true, 'net-from': '/x' }, 'netns:b', 'two-targets', /netns:b/],
    ['another type', { net: true, 'net-from': 'uts:[4026531838]' }, '5', 'wrong-type', /UTS/],
    ['a network as mounts', { mount: true, 'mount-from': 'netns:b' }, '5', 'wrong-type', /network/],
    ['an empty name', { net: true, 'net-from': '' }, '5', 'empty-value', /--net/],
    ['an empty root', { root: true, 'root-from': '' }, '5', 'empty-value', /--root/],
    ['no target at all', {}, '-x', 'bad-target', /-x/],
    ['a pid beyond all', { target: '99999999:1' }, undefined, 'bad-target', /99999999/],
  ])('%s', (_, some, target, code, message) => {
    expect(() => read(some, target)).toThrow(message)
    expect(() => read(some, target)).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ code, exitCode: 2, hint: expect.any(String) }),
      }),
    )
  })
})
