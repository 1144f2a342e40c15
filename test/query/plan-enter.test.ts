import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES, type NsType, nsTypeRow } from '../../src/kernel/namespace-types.ts'
import type { NamedSource } from '../../src/model/enter-facts.ts'
import type { EnterRequest } from '../../src/model/enter-request.ts'
import {
  bits,
  caller,
  cgroupMount,
  INITIAL_USER,
  kinship,
  names,
  only,
  planOf,
  request,
  sharing,
  subject,
  target,
  theirs,
} from './enter/facts.ts'
import { credentials } from './rules/pairs.ts'

function named(name: string, inum: number | null, changes: Partial<NamedSource> = {}): NamedSource {
  return { name, inum, path: name, errno: null, id: null, ...changes }
}

describe('which namespaces are entered', () => {
  it('are all in which the target differs, where none is named', () => {
    const plan = planOf([], {}, { target: sharing('user', 'time', 'cgroup') })
    expect(only(plan, 'setns').operation.flags).toBe(bits('mnt', 'net', 'pid', 'uts', 'ipc'))
  })

  it('are also those that could not be read', () => {
    const plan = planOf([], {}, { target: target({ inums: {}, errnos: { net: 'EACCES' } }) })
    expect(only(plan, 'setns').operation.flags).toBe(bits(...NS_TYPE_NAMES))
  })

  it('are none of those that this kernel does not have', () => {
    const without = caller()
    const links = { ...without.subject.links }
    delete links.time
    const old = { ...without.subject, links, linkErrnos: { time: 'ENOENT' } }
    const plan = planOf([], {}, { caller: { ...without, subject: old } })
    expect(only(plan, 'setns').operation.flags).toBe(
      bits(...NS_TYPE_NAMES.filter((type) => type !== 'time')),
    )
  })

  it.each(['user', 'net', 'mnt'] as const)('are not our own: %s, with a note', (type) => {
    const plan = planOf([type, 'uts'], {}, { target: sharing(type) })
    expect(only(plan, 'setns').operation.flags).toBe(bits('uts'))
    expect(plan.remarks).toEqual([
      `the ${nsTypeRow(type).title} namespace of web (pid 812) is our own already`,
    ])
  })

  it('are our own mount namespace after all, where that leaves a chroot', () => {
    const chrooted = caller({}, { chrooted: true })
    const plan = planOf(['mnt'], {}, { target: sharing('mnt'), caller: chrooted })
    expect(only(plan, 'setns').operation.flags).toBe(bits('mnt'))
  })

  it('are none where the target shares all of them, which is said', () => {
    const plan = planOf([], {}, { target: sharing(...NS_TYPE_NAMES) })
    expect(names(plan)).not.toContain('setns')
    expect(plan.notes).toEqual([
      'web (pid 812) is in our own namespaces: there is nothing to enter',
    ])
  })

  it('ask for a target', () => {
    expect(() => planOf(['net'], {}, { target: null })).toThrowError(
      'the network namespace of which process?',
    )
  })
})

describe('namespaces that are named by themselves', () => {
  const blue = new Map([['net', named('/run/netns/blue', 300)]] as const)

  it('need no target', () => {
    const plan = planOf([], { namespaces: namedOnly('net') }, { target: null, named: blue })
    expect(names(plan)).toEqual(['openNamespace', 'seal', 'setns', 'closeSlots', 'exec'])
    expect(only(plan, 'openNamespace')).toMatchObject({
      operation: { path: '/run/netns/blue', inum: 300, type: bits('net') },
      what: 'open the network namespace /run/netns/blue',
    })
    expect(only(plan, 'setns').what).toBe('enter the network namespace /run/netns/blue')
  })

  it('are entered before a user namespace that does not own them, the rest after it', () => {
    const owned = kinship()
    const owners = new Map([...owned.owners, [300, INITIAL_USER]])
    const plan = planOf(
      ['user', 'mnt', 'uts'],
      { namespaces: new Map([...request(['user', 'mnt', 'uts']).namespaces, ...namedOnly('net')]) },
      { named: blue, caller: caller({}, { kinship: { ...owned, owners } }) },
    )
    const order = plan.steps.flatMap(({ operation }) =>
      operation.name === 'setns' ? operation.flags : [],
    )
    expect(order).toEqual([bits('net'), bits('user'), bits('mnt'), bits('uts')])
    const opened = names(plan).lastIndexOf('openNamespace')
    expect(opened).toBeLessThan(names(plan).indexOf('setns'))
  })

  it('are opened by their id where that is all that is known, or where it may be', () => {
    const byId = { namespaces: namedOnly('net') }
    const lost = new Map([['net', named('id:7', 300, { id: '7', path: null })]] as const)
    expect(only(planOf([], byId, { target: null, named: lost }), 'openById').operation).toEqual({
      ...{ name: 'openById', slot: 3, id: '7', inum: 300, type: bits('net') },
    })
    const held = new Map([
      ['net', named('id:7', 300, { id: '7', path: '/proc/5/ns/net' })],
    ] as const)
    const owners = new Map([[300, INITIAL_USER]])
    const asUser = caller({ uid: 1000 }, { kinship: { ...kinship(), owners } })
    const asRoot = caller({}, { kinship: { ...kinship(), owners } })
    const found = { target: null, named: held }
    expect(names(planOf([], byId, { ...found, caller: asRoot }))).toContain('openById')
    expect(names(planOf([], byId, { ...found, caller: asUser }))).toContain('openNamespace')
  })

  it('that cannot be read are foreseen to fail', () => {
    const dark = new Map([['net', named('of pid 5', null, { errno: 'EACCES' })]] as const)
    const plan = planOf([], { namespaces: namedOnly('net') }, { target: null, named: dark })
    expect(only(plan, 'openNamespace').forecast).toMatchObject({
      ...{ outcome: 'fails', errno: 'EACCES' },
      why: 'which network namespace it is could not be read',
    })
  })
})

describe('a thread, or a process whose first thread has ended', () => {
  it('is entered by its own files, for a pidfd would mean another thread', () => {
    const found = { target: target({ thread: true, folder: '/proc/812/task/815' }) }
    const plan = planOf(['net', 'user'], {}, found)
    expect(names(plan).filter((name) => /^(?:pidfd|open|setns|alive)/.test(name))).toEqual([
      ...['pidfd', 'openNamespace', 'openNamespace', 'setns', 'setns', 'alive'],
    ])
    const [first] = plan.steps.filter(({ operation }) => operation.name === 'openNamespace')
    expect(first?.operation).toMatchObject({ path: '/proc/812/task/815/ns/user', inum: 205 })
  })
})

describe('the socket of a target', () => {
  it('is asked for its network namespace', () => {
    const plan = planOf([], { netSocket: 7 }, { socketNamespace: 300 })
    expect(only(plan, 'openBySocket').operation).toEqual({
      ...{ name: 'openBySocket', slot: 3, process: 0, fd: 7 },
    })
    expect(only(plan, 'setns')).toMatchObject({
      operation: { flags: bits('net') },
      what: 'enter the network namespace of socket 7 of web (pid 812)',
    })
  })

  it('takes CAP_NET_ADMIN, too', () => {
    const owners = new Map([[300, INITIAL_USER]])
    const user = caller({ uid: 1000 }, { kinship: { ...kinship(), owners } })
    const plan = planOf([], { netSocket: 7 }, { socketNamespace: 300, caller: user })
    expect(only(plan, 'openBySocket').forecast.why).toBe(
      'it needs CAP_NET_ADMIN in the initial user namespace, which uid 1000 does not have',
    )
  })
})

describe('--user-parent', () => {
  it('enters the owner of the others, first', () => {
    const plan = planOf(['net'], { userParent: true })
    expect(names(plan).filter((name) => /^(?:open|setns)/.test(name))).toEqual([
      ...['openNamespace', 'openOwner', 'setns', 'setns'],
    ])
    const [first, second] = plan.steps.filter(({ operation }) => operation.name === 'setns')
    expect(first?.what).toBe(
      'enter the user namespace that owns the network namespace of web (pid 812)',
    )
    expect(second?.operation).toMatchObject({ flags: bits('net') })
  })

  it('is refused where the owners are different ones', () => {
    const owned = kinship()
    const owners = new Map([...owned.owners, [theirs('uts'), INITIAL_USER]])
    const found = { caller: caller({}, { kinship: { ...owned, owners } }) }
    expect(() => planOf(['net', 'uts'], { userParent: true }, found)).toThrowError(
      /^the .* namespace of web \(pid 812\) and the .* namespace of .* have different owners$/,
    )
  })

  it('is no matter where the owner is our own user namespace', () => {
    const owners = new Map([[theirs('net'), INITIAL_USER]])
    const found = { caller: caller({}, { kinship: { ...kinship(), owners } }) }
    const plan = planOf(['net'], { userParent: true }, found)
    expect(names(plan)).not.toContain('openOwner')
    expect(plan.remarks[0]).toMatch(
      /^the user namespace that owns the network .* is our own already$/,
    )
  })
})

describe('the order of the steps', () => {
  const whole = planOf(
    [],
    {
      ...{ root: 'target', workingDirectory: 'target', joinCgroup: true, like: true },
      ...{ followContext: true, preserveFds: 2, statusFd: 9 },
    },
    {
      target: target({
        cgroups: [{ hierarchy: 0, controllers: [], path: '/web' }],
        limits: [{ resource: 6, soft: '10', hard: '10' }],
        ...{ oomScore: 500, label: { module: 'apparmor', name: 'docker-default' } },
        subject: subject({
          credentials: { ...credentials({ uid: 100_033, gid: 100_033 }), noNewPrivs: true },
        }),
      }),
      cgroupMounts: [cgroupMount()],
      ...{ callerOomScore: 0, callerLimits: [{ resource: 6, soft: '99', hard: '99' }] },
      caller: caller({}, { openFiles: { soft: '1024', hard: '20000' } }),
    },
  )

  it('is that everything is opened and written before, and nothing after setns(2)', () => {
    expect(names(whole)).toEqual([
      ...['monitor', 'write', 'writeOwn', 'writeOwn', 'pidfd', 'openDirectory', 'openDirectory'],
      ...['seal', 'groups', 'setns', 'alive', 'chroot', 'chdir', 'closeSlots', 'spawn'],
      ...['limit', 'limit', 'umask', 'groups', 'gid', 'uid', 'capabilities', 'noNewPrivs', 'exec'],
    ])
  })

  it('keeps no descriptors but those that were asked for', () => {
    expect(only(whole, 'seal').operation.keep).toEqual([3, 4])
  })
})

describe('the target that is meant', () => {
  it('is a process of a certain start, and inode where one was given', () => {
    const plan = planOf(['net'], { targetInode: '99' })
    expect(only(plan, 'pidfd').operation).toEqual({
      ...{ name: 'pidfd', slot: 0, pid: 812, startTicks: '5', inode: '99' },
    })
    expect(names(plan).indexOf('alive')).toBe(names(plan).indexOf('setns') + 1)
  })

  it('that is a zombie is foreseen to be none', () => {
    const found = { target: target({ subject: subject({ state: 'Z' }), inums: { user: 205 } }) }
    expect(only(planOf(['net'], {}, found), 'setns').forecast).toEqual({
      ...{ outcome: 'fails', errno: 'ESRCH', hint: 'name a process that is alive' },
      why: 'web (pid 812) has exited: it is a zombie, and has no namespaces any more',
    })
  })
})

describe('a refusal', () => {
  it('says which capability is missing where, and that --user would help', () => {
    const plan = planOf(['net'], {}, { caller: caller({ uid: 1000 }) })
    const { forecast, advice } = only(plan, 'setns')
    expect(forecast).toEqual({
      ...{ outcome: 'fails', errno: 'EPERM' },
      why: 'it needs CAP_SYS_ADMIN in the initial user namespace, which uid 1000 does not have',
      hint: 'enter its user namespace, too: --user; or run it as root: sudo nsx …',
    })
    expect(advice[0]).toEqual({ errno: 'EPERM', why: forecast.why, hint: forecast.hint })
  })

  it('says which of many namespaces it is about, and how to do without it', () => {
    const owned = kinship()
    const owners = new Map([...owned.owners, [theirs('net'), INITIAL_USER]])
    const found = { caller: caller({ uid: 1000 }, { kinship: { ...owned, owners } }) }
    expect(only(planOf(['user', 'net'], {}, found), 'setns').forecast).toMatchObject({
      why:
        'the network namespace of web (pid 812): it needs CAP_SYS_ADMIN in the initial user ' +
        'namespace, which uid 1000 does not have',
      hint: 'run it as root: sudo nsx …; or enter without --net (--all leaves out what is refused)',
    })
  })

  it('names the right to trace the target where nothing of it can be read', () => {
    const found = {
      caller: caller({ uid: 1000 }),
      target: target({ inums: {}, errnos: { net: 'EACCES' } }),
    }
    const { forecast } = only(planOf(['net'], {}, found), 'setns')
    expect(forecast).toMatchObject({ outcome: 'fails', errno: 'EPERM' })
    expect(forecast.why).toMatch(/^it needs the right to trace the target \(ptrace\(2\)\)/)
    expect(forecast.why).toMatch(/it runs as uid 0, and we are uid 1000$/)
  })

  it('may come from a seccomp filter of the caller', () => {
    const plain = caller()
    const held = {
      ...plain.subject,
      credentials: { ...plain.subject.credentials, seccomp: 2 } as never,
    }
    const plan = planOf(['net'], {}, { caller: { ...plain, subject: held } })
    expect(only(plan, 'setns').forecast).toMatchObject({
      ...{ outcome: 'unknown', why: 'a seccomp filter of the caller may forbid it' },
    })
  })

  it('of the process in a PID namespace means that it is dead', () => {
    const { advice } = only(planOf(['pid']), 'spawn')
    expect(advice.find(({ errno }) => errno === 'ENOMEM')?.why).toBe(
      'the PID namespace is dead: its first process has ended, and nothing can start in it',
    )
  })

  it('of the program says where it was looked for', () => {
    const { advice } = only(planOf(['mnt'], { command: ['ip'] }), 'exec')
    expect(advice[0]?.why).toBe(
      'there is no such program in web (pid 812), or its interpreter is missing; its PATH is ' +
        '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    )
  })

  it('names what --all has left out', () => {
    const owned = kinship()
    const owners = new Map([...owned.owners, [theirs('net'), INITIAL_USER]])
    const found = { caller: caller({ uid: 1000 }, { kinship: { ...owned, owners } }) }
    const plan = planOf([], { all: true }, found)
    expect(plan.skipped).toEqual([
      'the network namespace of web (pid 812): it needs CAP_SYS_ADMIN in the initial user ' +
        'namespace, which uid 1000 does not have',
    ])
    expect(only(plan, 'setns').forecast.outcome).toBe('works')
  })
})

function namedOnly(...types: NsType[]): EnterRequest['namespaces'] {
  const target = { kind: 'path', text: 'x', path: 'x' } as const
  return new Map(types.map((type) => [type, { from: 'named', target }]))
}
