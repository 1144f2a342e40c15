import { describe, expect, it } from 'vitest'
import { type RunWords, readRunRequest } from '../../src/query/read-run-request.ts'

const TYPES = ['mount', 'uts', 'ipc', 'net', 'pid', 'user', 'cgroup', 'time'] as const
const types = Object.fromEntries(
  TYPES.flatMap((type) => [
    [type, false],
    [`${type}-from`, undefined],
  ]),
) as unknown as RunWords

const words: RunWords = {
  ...types,
  ...{ fork: false, clone: false, 'no-init': false, owner: undefined, setgroups: undefined },
  ...{ 'map-root-user': false, 'map-current-user': false, 'map-auto': false, 'map-subids': false },
  ...{ 'map-user': undefined, 'map-group': undefined, 'map-users': undefined },
  ...{ 'map-groups': undefined, propagation: undefined, 'mount-proc': false },
  ...{ 'mount-proc-from': undefined, 'mount-binfmt': false, 'mount-binfmt-from': undefined },
  ...{ 'load-interp': undefined, root: undefined, wd: undefined, setuid: undefined },
  ...{ setgid: undefined, monotonic: undefined, boottime: undefined, 'kill-child': false },
  ...{ 'kill-child-from': undefined, 'forward-signals': false, 'keep-caps': false },
  ...{ 'clear-env': false, 'whitelist-env': undefined, hostname: undefined, loopback: false },
  ...{ 'cgroup-path': undefined, pty: undefined, 'preserve-fds': undefined },
  ...{ 'status-fd': undefined, 'dry-run': false, json: false },
}
const lookUp = {
  uid: (name: string) => (name === 'ada' ? 1000 : null),
  gid: (name: string) => (name === 'staff' ? 50 : null),
}
const read = (some: Partial<RunWords>) => readRunRequest({ ...words, ...some }, [], lookUp)

describe('readRunRequest', () => {
  it('means nothing that was not said', () => {
    expect(read({})).toEqual({
      ...{ namespaces: new Map(), fork: false, init: false, clone: false },
      ...{ uidMap: { self: null, ranges: [] }, gidMap: { self: null, ranges: [] } },
      ...{ owner: null, setgroups: null, propagation: null, mountProc: null, mountBinfmt: null },
      ...{ loadInterpreter: null, root: null, workingDirectory: null, uid: null, gid: null },
      ...{ monotonic: null, boottime: null, killChild: null, keepCapabilities: false },
      ...{ clearEnvironment: false, environmentKept: [], hostname: null, loopback: false },
      ...{ cgroupPath: null, pty: null, preserveFds: 0, statusFd: null, dryRun: false },
      command: [],
    })
  })

  it('binds namespaces to files', () => {
    const { namespaces } = read({ mount: true, net: true, 'net-from': '/run/netns/blue' })
    expect([...namespaces]).toEqual([
      ['mnt', null],
      ['net', '/run/netns/blue'],
    ])
  })

  it.each<[string, Partial<RunWords>, object]>([
    ['a PID namespace', { pid: true }, { fork: true, init: true }],
    ['one without an init', { pid: true, 'no-init': true }, { fork: true, init: false }],
    ['a fork alone', { fork: true }, { fork: true, init: false }],
    ['signals', { 'forward-signals': true }, { fork: true }],
    ['clone3(2)', { clone: true }, { fork: true, clone: true }],
    ['an end with ours', { 'kill-child': true }, { fork: true, killChild: 9 }],
    ['another end', { 'kill-child': true, 'kill-child-from': 'sigterm' }, { killChild: 15 }],
    ['ids', { setuid: '7', setgid: '8' }, { uid: 7, gid: 8 }],
    ['names', { setuid: 'ada', setgid: 'staff' }, { uid: 1000, gid: 50 }],
    ['an owner', { owner: '7:8' }, { owner: { uid: 7, gid: 8 } }],
    [
      'offsets',
      { time: true, monotonic: '-5', boottime: '86400' },
      { monotonic: -5, boottime: 86400 },
    ],
    [
      'variables',
      { 'whitelist-env': ['A', 'B'] },
      { clearEnvironment: true, environmentKept: ['A', 'B'] },
    ],
    ['no variables', { 'clear-env': true }, { clearEnvironment: true, environmentKept: [] }],
    ['a cgroup', { 'cgroup-path': 'a//b/' }, { cgroupPath: '/a/b' }],
    ['setgroups', { user: true, setgroups: 'deny' }, { setgroups: 'deny' }],
    ['mounts', { mount: true, propagation: 'slave' }, { propagation: 'slave' }],
    ['a procfs', { 'mount-proc': true }, { mountProc: '/proc' }],
    ['a procfs elsewhere', { 'mount-proc': true, 'mount-proc-from': '/p' }, { mountProc: '/p' }],
    [
      'a binfmt_misc, which lies in a procfs',
      { 'mount-binfmt': true },
      { mountProc: '/proc', mountBinfmt: '/proc/sys/fs/binfmt_misc' },
    ],
    [
      'a binfmt_misc elsewhere',
      { 'mount-binfmt': true, 'mount-binfmt-from': '/b' },
      { mountProc: null, mountBinfmt: '/b' },
    ],
    [
      'an interpreter',
      { 'load-interp': ':a:M::b::/c:' },
      { mountBinfmt: '/proc/sys/fs/binfmt_misc', loadInterpreter: ':a:M::b::/c:' },
    ],
  ])('reads %s', (_, some, meant) => {
    expect(read(some)).toMatchObject(meant)
  })

  it.each<[string[], Partial<RunWords>]>([
    [['user'], { 'map-root-user': true }],
    [['user'], { 'map-current-user': true }],
    [['user'], { 'map-user': '5' }],
    [['user'], { 'map-group': '5' }],
    [['user'], { 'map-users': ['all'] }],
    [['user'], { 'map-groups': ['all'] }],
    [['user'], { 'map-auto': true }],
    [['user'], { 'map-subids': true }],
    [['user'], { owner: '1:1' }],
    [['mnt'], { 'mount-proc': true }],
    [['mnt', 'user'], { 'mount-binfmt': true }],
    [['mnt', 'user'], { 'load-interp': ':a:M::b::/c:' }],
    [[], { hostname: undefined, setuid: '0', root: '/', 'kill-child': true }],
  ])('makes %j for %j', (made, some) => {
    expect([...read(some).namespaces.keys()]).toEqual(made)
  })
})

describe('id maps', () => {
  it.each<[Partial<RunWords>, object, object]>([
    [{ 'map-root-user': true }, { self: 0 }, { self: 0 }],
    [{ 'map-current-user': true }, { self: 'same' }, { self: 'same' }],
    [{ 'map-user': 'ada' }, { self: 1000 }, { self: null }],
    [{ 'map-user': '7', 'map-group': 'staff' }, { self: 7 }, { self: 50 }],
    [{ 'map-auto': true }, { ranges: ['auto'] }, { ranges: ['auto'] }],
    [{ 'map-subids': true }, { ranges: ['subids'] }, { ranges: ['subids'] }],
    [
      { 'map-users': ['0:100000:65536', 'all'], 'map-groups': ['100000,0,65536'] },
      { ranges: [{ inside: 0, outside: 100000, count: 65536 }, 'all'] },
      { ranges: [{ inside: 0, outside: 100000, count: 65536 }] },
    ],
    [
      { 'map-root-user': true, 'map-auto': true },
      { self: 0, ranges: ['auto'] },
      { self: 0, ranges: ['auto'] },
    ],
  ])('of %j', (some, uidMap, gidMap) => {
    expect(read(some)).toMatchObject({ uidMap, gidMap })
  })
})

describe('a mistake', () => {
  it.each<[string, Partial<RunWords>, string, RegExp]>([
    ['two selves', { 'map-root-user': true, 'map-current-user': true }, 'conflicting-flags', /map/],
    [
      'root as another',
      { 'map-root-user': true, 'map-user': '5' },
      'conflicting-flags',
      /map-user/,
    ],
    ['no such user', { 'map-user': 'bob' }, 'unknown-name', /no such user/],
    ['no such group', { setgid: 'bob' }, 'unknown-name', /--setgid bob: .* group/],
    ['a range of two', { 'map-users': ['1:2'] }, 'bad-map', /1:2/],
    ['a range of both kinds', { 'map-users': ['1:2,3'] }, 'bad-map', /1:2,3/],
    ['a range of none', { 'map-users': ['0:0:0'] }, 'bad-number', /how many ids/],
    ['a range past all ids', { 'map-groups': ['0:4294967290:9'] }, 'bad-map', /ends at 4294967298/],
    ['an owner without a group', { owner: '5' }, 'bad-owner', /UID:GID/],
    ['a word for setgroups', { user: true, setgroups: 'no' }, 'unknown-word', /allow, deny/],
    ['a propagation', { mount: true, propagation: 'shard' }, 'unknown-word', /shard/],
    ['setgroups of nothing', { setgroups: 'deny' }, 'missing-namespace', /--user/],
    ['propagation of nothing', { propagation: 'slave' }, 'missing-namespace', /--mount/],
    ['a name for this machine', { hostname: 'x' }, 'missing-namespace', /--uts/],
    ['an interface of ours', { loopback: true }, 'missing-namespace', /--net/],
    ['an offset of ours', { monotonic: '1' }, 'missing-namespace', /--time/],
    ['no init of nothing', { 'no-init': true }, 'missing-namespace', /--pid/],
    ['frozen offsets', { time: true, clone: true, boottime: '1' }, 'conflicting-flags', /EACCES/],
    ['part of a second', { time: true, monotonic: '1.5' }, 'bad-number', /1\.5/],
    ['too many seconds', { time: true, boottime: '4611686019' }, 'bad-number', /boottime/],
    ['a signal', { 'kill-child': true, 'kill-child-from': 'TREM' }, 'unknown-signal', /TREM/],
    ['an empty file', { net: true, 'net-from': '' }, 'empty-value', /--net/],
    ['an empty root', { root: '' }, 'empty-value', /--root/],
    ['an empty procfs', { 'mount-proc': true, 'mount-proc-from': '' }, 'empty-value', /mount-proc/],
    ['no registration', { 'load-interp': ':a:M:b' }, 'bad-interpreter', /load-interp/],
    ['a variable with a value', { 'whitelist-env': ['A=1'] }, 'bad-variable', /A=1/],
    ['a long name', { uts: true, hostname: 'é'.repeat(33) }, 'bad-hostname', /66 bytes/],
    ['a cgroup above', { 'cgroup-path': '../a' }, 'bad-cgroup', /cgroup2/],
    ['--json alone', { json: true }, 'json-without-plan', /--dry-run/],
  ])('%s', (_, some, code, message) => {
    expect(() => read(some)).toThrow(message)
    expect(() => read(some)).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ code, exitCode: 2, hint: expect.any(String) }),
      }),
    )
  })

  it('has the right word in its hint', () => {
    const hint = (some: Partial<RunWords>): string => {
      try {
        read(some)
      } catch (error) {
        return (error as { details: { hint: string } }).details.hint
      }
      throw new Error('it was right')
    }
    expect(hint({ mount: true, propagation: 'shard' })).toBe('did you mean shared?')
    expect(hint({ 'kill-child': true, 'kill-child-from': 'SIGTREM' })).toBe('did you mean TERM?')
    expect(hint({ hostname: 'x' })).toBe('add --uts')
  })
})
