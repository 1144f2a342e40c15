import { describe, expect, it } from 'vitest'
import { NAMESPACE_TYPES, NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import type { ActionPlan, OperationName } from '../../src/model/exec-plan.ts'
import type { RunRequest } from '../../src/model/run-request.ts'
import {
  all,
  caller,
  facts,
  failures,
  lacking,
  names,
  ordinary,
  place,
  plan,
  ROOT_MAP,
  stepOf,
  types,
  written,
} from './run/run-case.ts'

const SUBSETS = Array.from({ length: 1 << NS_TYPE_NAMES.length }, (_, bits) =>
  NS_TYPE_NAMES.filter((_type, i) => (bits & (1 << i)) !== 0),
)

/** All that can be asked for with some types, so that every step there is has its place. */
function busy(set: readonly NsType[]): Partial<RunRequest> {
  const has = (type: NsType) => set.includes(type)
  return {
    namespaces: new Map(set.map((type) => [type, `/run/ns/${type}`])),
    ...(has('user') ? { uidMap: ROOT_MAP, gidMap: ROOT_MAP, keepCapabilities: true } : {}),
    ...(has('mnt') ? { mountProc: '/proc' } : {}),
    ...(has('uts') ? { hostname: 'box' } : {}),
    ...(has('net') ? { loopback: true } : {}),
    ...(has('time') ? { monotonic: 5 } : {}),
    ...{ root: '/srv', workingDirectory: '/tmp', uid: 0, gid: 0, killChild: 9, cgroupPath: '/a' },
  }
}

/** Offsets exclude a clone. */
const PLANS = SUBSETS.flatMap((set) =>
  (set.includes('time') ? [false] : [false, true]).map((clone) => ({
    ...{ set, clone, made: plan({ ...busy(set), clone }) },
  })),
)

/** Whether every step of the first kind comes before every one of the second. */
function isBefore(made: ActionPlan, first: OperationName, second: OperationName): boolean {
  const order = names(made)
  const [last, next] = [order.lastIndexOf(first), order.indexOf(second)]
  return last < 0 || next < 0 || last < next
}

const ORDER: readonly (readonly [OperationName, OperationName, string])[] = [
  ['monitor', 'beside', 'whoever waits stays out of everything'],
  ['pinCpu', 'beside', 'both processes are on one CPU'],
  ['beside', 'write', 'the bystander keeps its cgroup'],
  ['write', 'unshare', 'a new cgroup namespace begins there'],
  ['beside', 'unshare', 'the bystander stays outside'],
  ['unshare', 'writeOwn', 'there is a namespace to be mapped'],
  ['writeOwn', 'mount', 'mounts are made with ids'],
  ['spawn', 'chrootPath', 'the command is in its PID namespace'],
  ['chrootPath', 'seal', 'files are opened before'],
  ['mount', 'seal', 'mounts come before'],
  ['writeOwn', 'seal', 'files of its own can be written'],
  ['go', 'seal', 'the bystander may look at it'],
  ['seal', 'init', 'nobody may look into pid 1'],
  ['init', 'gid', 'pid 1 keeps its rights'],
  ['groups', 'gid', 'the right to do so is lost with the uid'],
  ['gid', 'uid', 'the right to do so is lost with the uid'],
  ['uid', 'ambient', 'a change of the uid clears it'],
  ['ambient', 'deathSignal', 'a change of credentials clears it'],
  ['deathSignal', 'exec', 'it is the last'],
]

describe('the order of a plan', () => {
  it.each(ORDER)('has %s before %s, for every set of types: %s', (first, second) => {
    for (const { set, clone, made } of PLANS) {
      expect(isBefore(made, first, second), `${set} ${clone}`).toBe(true)
    }
  })

  it('moves clocks before anybody is in the time namespace', () => {
    const moved = PLANS.filter(({ set }) => set.includes('time'))
    expect(moved.every(({ made }) => isBefore(made, 'writeOwn', 'spawn'))).toBe(true)
  })

  it('asks for exactly the types that were named, in one call', () => {
    for (const set of SUBSETS) {
      const flags = NAMESPACE_TYPES.filter(({ name }) => set.includes(name)).reduce(
        (sum, { bit }) => sum + bit,
        0,
      )
      const made = plan({ namespaces: types(...set) })
      expect(all(made, 'unshare').map(({ flags }) => flags)).toEqual(
        set.length === 0 ? [] : [flags],
      )
      const cloned = plan({ namespaces: types(...set), clone: true })
      expect(all(cloned, 'unshare')).toEqual([])
      expect(all(cloned, 'spawn').map(({ flags }) => flags)).toEqual([flags])
    }
  })

  it('mounts a proc only after the first process of the PID namespace is there', () => {
    for (const { made } of PLANS.filter(({ set }) => set.includes('mnt') && set.includes('pid'))) {
      const proc = made.steps.findIndex(
        ({ operation }) => operation.name === 'mount' && operation.type === 'proc',
      )
      expect(proc).toBeGreaterThan(names(made).indexOf('spawn'))
    }
  })

  it('lets every group be done exactly once, after it was made possible', () => {
    for (const { made } of PLANS) {
      const groups = new Set(made.steps.flatMap(({ group }) => group ?? []))
      const goes = [
        ...all(made, 'go').map(({ to }) => to),
        ...all(made, 'spawn').flatMap(({ go }) => go ?? []),
      ]
      expect(goes.sort()).toEqual([...groups].sort())
      expect(all(made, 'beside')).toHaveLength(groups.size > 0 ? 1 : 0)
    }
  })

  it('forecasts for root that all works, for an ordinary user all with a user namespace', () => {
    for (const set of SUBSETS) {
      const simple = { namespaces: types(...set), uidMap: ROOT_MAP, gidMap: ROOT_MAP }
      const maps = set.includes('user') ? simple : { namespaces: simple.namespaces }
      expect(failures(plan(maps))).toEqual([])
      const ordinarily = failures(plan(maps, ordinary()))
      const fine = set.includes('user') || set.length === 0
      expect(ordinarily.map(({ name, errno }) => `${name} ${errno}`)).toEqual(
        fine ? [] : ['unshare EPERM'],
      )
    }
  })
})

describe('processes of a plan', () => {
  it.each([
    ['nothing', {}, []],
    ['a network namespace', { namespaces: types('net') }, []],
    ['a fork', { fork: true }, ['monitor']],
    ['a pty', { pty: true }, ['monitor']],
    ['a status descriptor', { statusFd: 3 }, ['monitor']],
    ['a PID namespace', { namespaces: types('pid') }, ['monitor', 'spawn', 'init']],
    ['one without init', { namespaces: types('pid'), init: false }, ['monitor', 'spawn']],
    ['a clone', { namespaces: types('net'), clone: true }, ['monitor', 'spawn']],
    ['a time namespace', { namespaces: types('time') }, []],
  ] as const)('makes for %s no more than needed', (_, changes, expected) => {
    const made = names(plan(changes))
    expect(made.filter((name) => ['monitor', 'spawn', 'init'].includes(name))).toEqual(expected)
  })

  it('forks into a time namespace where exec does not enter it', () => {
    for (const release of [{ major: 5, minor: 10 }, { major: 6, minor: 2 }, null]) {
      const made = plan({ namespaces: types('time') }, facts({ release }))
      expect(names(made)).toEqual(['monitor', 'unshare', 'spawn', 'seal', 'exec'])
      expect(all(made, 'monitor')[0]?.spawns).toBe(true)
    }
  })

  it('keeps the descriptors that were asked for, but that of the status', () => {
    expect(all(plan({ preserveFds: 3, statusFd: 4 }), 'seal')[0]?.keep).toEqual([3, 5])
  })
})

describe('namespaces that stay', () => {
  it('binds those for children where the process itself is elsewhere', () => {
    const namespaces = new Map<NsType, string>([
      ['net', '/run/n'],
      ['pid', '/run/p'],
      ['time', '/run/t'],
    ])
    const made = plan({ namespaces })
    expect(all(made, 'bindNamespace').map(({ link, target }) => [link, target])).toEqual([
      ['net', '/run/n'],
      ['time_for_children', '/run/t'],
      ['pid_for_children', '/run/p'],
    ])
    expect(all(made, 'spawn')[0]?.go).toBe(2)
  })

  it('binds a mount namespace once its mounts spread no more, from the CPU where it was made', () => {
    const namespaces = new Map<NsType, string>([['mnt', '/run/m']])
    const order = ['pinCpu', 'beside', 'unshare', 'mount', 'bindNamespace', 'go', 'seal', 'exec']
    expect(names(plan({ namespaces }))).toEqual(order)
  })

  it('needs the rights over the mount namespace of the caller', () => {
    const namespaces = new Map<NsType, string | null>([['user', '/run/u']])
    const [failure] = failures(plan({ namespaces }, ordinary()))
    expect(failure?.why).toBe(
      'it needs CAP_SYS_ADMIN in the initial user namespace, which uid 1000 does not have',
    )
  })

  it('knows that one out of sight is above', () => {
    const inside = caller({ links: { user: 7 } })
    const owners = new Map([[inside.subject.links.mnt as number, null]])
    const users = new Map([[7, { inum: 7, parent: null, ownerUid: null }]])
    const kinship = { ...inside.kinship, owners, users }
    const namespaces = new Map<NsType, string>([['net', '/run/n']])
    const made = plan({ namespaces }, facts({ caller: { ...inside, kinship } }))
    expect(failures(made).map(({ name, why }) => [name, why])).toEqual([
      [
        'bindNamespace',
        'it needs CAP_SYS_ADMIN in the user namespace that owns the mount namespace of the caller, which is above its own',
      ],
    ])
  })

  it.each([
    ['of which the directory is missing', place({ kind: 'missing', folder: false }), 'ENOENT'],
    ['that is a directory', place({ kind: 'directory' }), 'ENOTDIR'],
  ])('cannot be at a path %s', (_, there, errno) => {
    const namespaces = new Map<NsType, string>([['net', '/run/n']])
    const made = plan({ namespaces }, facts({ places: new Map([['/run/n', there]]) }))
    expect(failures(made).map((failure) => failure.errno)).toEqual([errno])
  })

  it('says that a cloned mount namespace cannot be where mounts spread', () => {
    const namespaces = new Map<NsType, string>([['mnt', '/run/m']])
    const known = facts({ places: new Map([['/run/m', place({ shared: true })]]) })
    const [failure] = failures(plan({ namespaces, clone: true }, known))
    expect(failure).toMatchObject({
      errno: 'EINVAL',
      hint: 'as root first: mount --bind /run /run && mount --make-private /run',
    })
  })
})

describe('mounts', () => {
  const of = (changes: Partial<RunRequest>, known = facts()) =>
    all(plan(changes, known), 'mount').map(({ type, target, flags }) => [type, target, flags])
  const mnt = types('mnt')

  it.each([
    [null, [['', '/', 0x4000 | (1 << 18)]]],
    ['private', [['', '/', 0x4000 | (1 << 18)]]],
    ['slave', [['', '/', 0x4000 | (1 << 19)]]],
    ['shared', [['', '/', 0x4000 | (1 << 20)]]],
    ['unchanged', []],
  ] as const)('spread as asked: %s', (propagation, expected) => {
    expect(of({ namespaces: mnt, propagation })).toEqual(expected)
  })

  it('makes an old /proc private where the others are not', () => {
    const made = of({ namespaces: mnt, propagation: 'shared', mountProc: '/proc' })
    expect(made.slice(1)).toEqual([
      ['', '/proc', 0x4000 | (1 << 18)],
      ['proc', '/proc', 14],
    ])
  })

  it('takes a relative target from the new working directory', () => {
    const made = of({ namespaces: mnt, mountProc: 'proc', workingDirectory: '/srv' })
    expect(made.at(-1)).toEqual(['proc', '/srv/proc', 14])
  })

  it('registers an interpreter that is opened at once before the root changes', () => {
    const changes = {
      ...{ namespaces: types('mnt', 'user'), mountBinfmt: '/b', root: '/srv' },
    }
    const fixed = plan({ ...changes, loadInterpreter: ':x:E::x::/bin/cat:F' })
    expect(names(fixed).filter((name) => /mount|write$|chroot/.test(name))).toEqual([
      ...['mount', 'mount', 'write', 'chrootPath', 'mount'],
    ])
    const later = plan({ ...changes, loadInterpreter: ':x:E::x::/bin/cat:' })
    expect(names(later).filter((name) => /mount|write$|chroot/.test(name))).toEqual([
      ...['mount', 'chrootPath', 'mount', 'write'],
    ])
    expect(all(later, 'write')[0]?.path).toBe('/b/register')
  })

  it('tells that a proc in a user namespace needs a PID namespace', () => {
    const changes = { namespaces: types('user', 'mnt'), mountProc: '/proc' }
    expect(failures(plan(changes))).toMatchObject([{ errno: 'EPERM', hint: 'add --pid' }])
    const whole = { ...changes, namespaces: types('user', 'mnt', 'pid') }
    expect(failures(plan(whole))).toEqual([])
  })

  it('tells that a covered /proc forbids a new one, but not to the initial user namespace', () => {
    const known = facts({ procVisible: false })
    const changes = { namespaces: types('user', 'mnt', 'pid'), mountProc: '/proc' }
    expect(failures(plan(changes, known))[0]?.why).toContain('parts of /proc are covered')
    expect(failures(plan({ ...changes, namespaces: types('mnt', 'pid') }, known))).toEqual([])
  })

  it('tells that binfmt_misc of a user namespace is new', () => {
    const changes = { namespaces: types('user', 'mnt'), mountBinfmt: '/b' }
    const known = facts({ release: { major: 6, minor: 6 } })
    expect(failures(plan(changes, known))[0]?.why).toContain('only since Linux 6.7')
    expect(failures(plan(changes))).toEqual([])
  })
})

describe('identity', () => {
  it('gives up the groups with the group, as unshare(1) does', () => {
    expect(all(plan({ uid: 5 }), 'groups')).toEqual([])
    expect(all(plan({ gid: 5 }), 'groups')).toMatchObject([{ ids: [], lenient: false }])
    const inside = plan({ namespaces: types('user'), gidMap: ROOT_MAP, gid: 0 })
    expect(all(inside, 'groups')).toMatchObject([{ lenient: true }])
  })

  it.each([
    ['no map', { namespaces: types('user') }],
    ['another map', { namespaces: types('user'), uidMap: ROOT_MAP }],
  ])('tells that an id has no number: %s', (_, changes) => {
    expect(failures(plan({ ...changes, uid: 5 }))).toMatchObject([
      { name: 'uid', errno: 'EINVAL', why: 'user id 5 has no number in the new user namespace' },
    ])
  })

  it('tells which capability a change of ids needs, and that it needs none for the own one', () => {
    const made = failures(plan({ uid: 5, gid: 5 }, ordinary()))
    expect(made.map(({ name, why }) => `${name}: ${why}`)).toEqual([
      'groups: it needs CAP_SETGID in the initial user namespace, which uid 1000 does not have',
      'gid: it needs CAP_SETGID in the initial user namespace, which uid 1000 does not have',
      'uid: it needs CAP_SETUID in the initial user namespace, which uid 1000 does not have',
    ])
    expect(failures(plan({ uid: 1000 }, ordinary()))).toEqual([])
  })

  it('keeps capabilities in a user namespace only, and says so', () => {
    const made = plan({ keepCapabilities: true })
    expect(names(made)).not.toContain('ambient')
    expect(made.notes).toEqual(['--keep-caps does nothing without --user'])
    expect(names(plan({ keepCapabilities: true, namespaces: types('user') }))).toContain('ambient')
  })

  it('warns of the groups of root', () => {
    expect(plan({ uid: 5 }).notes).toHaveLength(1)
    expect(plan({ uid: 5, gid: 5 }).notes).toEqual([])
  })

  it('makes a user namespace as its owner, and writes of it from outside', () => {
    const owned = {
      ...{ namespaces: types('user', 'time'), owner: { uid: 7, gid: 8 }, boottime: 5 },
      ...{ uidMap: ROOT_MAP, gidMap: ROOT_MAP },
    }
    const made = plan(owned)
    expect(names(made)).toEqual([
      ...['beside', 'groups', 'gid', 'uid', 'unshare', 'writeOwn', 'writeOwn', 'writeOwn', 'go'],
      ...['seal', 'exec'],
    ])
    expect(made.steps.filter(({ group }) => group === 1)).toHaveLength(3)
    expect(failures(plan(owned, ordinary())).map(({ name }) => name)).toContain('uid')
  })
})

describe('the command', () => {
  it('is the shell of the caller, else /bin/sh', () => {
    expect(all(plan({ command: [] }), 'exec')[0]?.args).toEqual(['/bin/bash'])
    const known = facts({ caller: caller({}, { shell: null }) })
    expect(all(plan({ command: [] }, known), 'exec')[0]).toMatchObject({ file: '/bin/sh' })
  })

  it.each([
    [false, [], ['PATH=/bin', 'HOME=/root']],
    [true, [], []],
    [true, ['HOME'], ['HOME=/root']],
    [false, ['HOM', 'PATH'], ['PATH=/bin']],
  ])('has the environment that was asked for', (clearEnvironment, environmentKept, expected) => {
    const made = plan({ clearEnvironment, environmentKept })
    expect(all(made, 'exec')[0]?.environment).toEqual(expected)
  })

  it('gets the limit of open files back', () => {
    const known = facts({ caller: caller({}, { openFiles: { soft: '1024', hard: '4096' } }) })
    expect(all(plan({}, known), 'limit')).toEqual([
      { name: 'limit', resource: 7, soft: '1024', hard: '4096' },
    ])
  })

  it('is told in a dry run what it will find', () => {
    const of = (changes: Partial<RunRequest>) => stepOf(plan(changes), 'exec').forecast.why
    expect(of({})).toBeNull()
    expect(of({ namespaces: types('user') })).toContain('uid 65534')
    expect(of({ namespaces: types('pid'), init: false, mountProc: null })).toContain('pid 1')
  })
})

describe('clocks, cgroups and directories', () => {
  it('moves the clocks that were named', () => {
    const made = plan({ namespaces: types('time'), monotonic: -5, boottime: 9 })
    expect(written(made, 'timens_offsets')).toBe('monotonic -5 0\nboottime 9 0\n')
  })

  it.each([-1001, 4_611_686_018])('tells that a clock cannot show %s', (boottime) => {
    expect(failures(plan({ namespaces: types('time'), boottime }))).toMatchObject([
      { errno: 'ERANGE' },
    ])
  })

  it('needs CAP_SYS_TIME without a user namespace', () => {
    const known = facts({ caller: caller({ effective: lacking('CAP_SYS_TIME') }) })
    const changes = { namespaces: types('time'), boottime: 1 }
    expect(failures(plan(changes, known))[0]?.why).toContain('CAP_SYS_TIME')
    const inside = { ...changes, namespaces: types('time', 'user') }
    expect(failures(plan(inside, known))).toEqual([])
  })

  it('moves into a cgroup below the mount', () => {
    const made = plan({ cgroupPath: '/a/b/' })
    expect(all(made, 'write')).toEqual([
      { name: 'write', path: '/sys/fs/cgroup/a/b/cgroup.procs', text: '0' },
    ])
    expect(stepOf(plan({ cgroupPath: '/a' }, ordinary()), 'write').forecast.outcome).toBe('unknown')
  })

  it('refuses a cgroup where cgroup2 is not mounted', () => {
    expect(() => plan({ cgroupPath: '/a' }, facts({ cgroup2: null }))).toThrow(
      '--cgroup-path /a: cgroup2 is not mounted here',
    )
  })

  it.each([
    ['root', { root: '/x' }, 'chrootPath'],
    ['workingDirectory', { workingDirectory: '/x' }, 'chdirPath'],
  ] as const)('tells that the %s is missing, or no directory', (_, changes, name) => {
    const of = (kind: 'missing' | 'file') =>
      failures(plan(changes, facts({ places: new Map([['/x', place({ kind })]]) })))
    expect(of('missing')).toMatchObject([{ name, errno: 'ENOENT' }])
    expect(of('file')).toMatchObject([{ name, errno: 'ENOTDIR' }])
  })

  it('needs CAP_NET_ADMIN and CAP_SYS_CHROOT without a user namespace', () => {
    const effective = lacking('CAP_NET_ADMIN', 'CAP_SYS_CHROOT')
    const known = facts({ caller: caller({ effective }) })
    const changes = { namespaces: types('net'), loopback: true, root: '/' }
    const whys = failures(plan(changes, known)).map(({ name }) => name)
    expect(whys).toEqual(['chrootPath', 'loopback'])
    expect(failures(plan({ ...changes, namespaces: types('net', 'user') }, known))).toEqual([])
  })
})
