import { describe, expect, it } from 'vitest'
import type { EnterFacts } from '../../../src/model/enter-facts.ts'
import { credentials } from '../rules/pairs.ts'
import {
  bits,
  caller,
  cgroupMount,
  names,
  only,
  planOf,
  sharing,
  subject,
  target,
} from './facts.ts'

describe('the process that stays outside', () => {
  const terminal = caller({}, { terminal: true })

  it('is there for a PID namespace, unless -F leaves that to the children of the command', () => {
    expect(only(planOf(['pid']), 'monitor').operation).toMatchObject({ spawns: true, pty: false })
    expect(names(planOf(['pid']))).toContain('spawn')
    const without = names(planOf(['pid'], { fork: false }))
    expect(without).not.toContain('monitor')
    expect(without).not.toContain('spawn')
  })

  it('is there for a terminal where the target is less trusted', () => {
    expect(only(planOf(['net'], {}, { caller: terminal }), 'monitor').operation).toMatchObject({
      ...{ spawns: false, pty: true },
    })
    const same = { caller: terminal, target: sharing('user', 'mnt') }
    expect(names(planOf(['net'], {}, same))).not.toContain('monitor')
  })

  it('is there for a terminal that was asked for, not for one that was declined', () => {
    expect(only(planOf(['net'], { pty: true }), 'monitor').operation.pty).toBe(true)
    const declined = planOf(['net'], { pty: false }, { caller: terminal })
    expect(names(declined)).not.toContain('monitor')
  })

  it('is there to tell how the command ended', () => {
    expect(only(planOf(['net'], { statusFd: 5 }), 'monitor').operation.statusFd).toBe(5)
  })

  it('is not there otherwise', () => {
    expect(names(planOf(['net', 'uts', 'ipc', 'mnt']))).not.toContain('monitor')
  })
})

describe('mounts for the caller’s own files', () => {
  it('are a /proc of the PID namespace, in a mount namespace of its own', () => {
    const plan = planOf(['pid'])
    const [spawn, ...then] = names(plan).slice(names(plan).indexOf('spawn'))
    expect([spawn, ...then]).toEqual(['spawn', 'unshare', 'mount', 'mount', 'exec'])
    const unshare = only(plan, 'unshare')
    expect(unshare.operation.flags).toBe(bits('mnt'))
    // Were it refused and passed over, the next step would be for everybody.
    expect(unshare.optional).toBeUndefined()
    expect(plan.steps.at(-2)).toMatchObject({ operation: { type: 'proc' }, optional: true })
  })

  it('are none where files of another mount namespace are entered', () => {
    expect(names(planOf(['pid', 'mnt']))).not.toContain('mount')
    expect(names(planOf(['pid'], { fork: false }))).not.toContain('mount')
  })

  it('are the resolv.conf and the /sys of the network namespace', () => {
    const both = { dns: true, sys: true }
    const plan = planOf(['net'], both, { resolvConf: 'nameserver 10.0.0.1\n' })
    const between = names(plan).slice(names(plan).indexOf('alive') + 1)
    expect(between).toEqual(['unshare', 'mount', 'fileOver', 'mount', 'closeSlots', 'exec'])
    expect(only(plan, 'fileOver').operation).toMatchObject({
      ...{ target: '/etc/resolv.conf', content: 'nameserver 10.0.0.1\n' },
    })
  })

  it('are made in one mount namespace', () => {
    const plan = planOf(['net', 'pid'], { sys: true })
    expect(names(plan).filter((name) => name === 'unshare')).toHaveLength(1)
  })

  it.each([
    [['mnt', 'net'], 'its mount namespace is entered'],
    [['uts'], 'is of use only where a network namespace is entered'],
  ] as const)('are refused with %s', (types, why) => {
    expect(() => planOf(types, { sys: true })).toThrowError(why)
  })

  it('are refused where there is no resolv.conf to be read', () => {
    expect(() => planOf(['net'], { dns: true })).toThrowError(
      '--dns: /etc/resolv.conf of web (pid 812) cannot be read',
    )
  })
})

describe('--join-cgroup', () => {
  const cgroup2 = { hierarchy: 0, controllers: [], path: '/box/web' }
  const cpu = { hierarchy: 3, controllers: ['cpu', 'cpuacct'], path: '/web' }
  const writesOf = (found: Partial<EnterFacts>) =>
    planOf(['net'], { joinCgroup: true }, found).steps.flatMap(({ operation }) =>
      operation.name === 'write' ? [operation.path, operation.text] : [],
    )

  it('joins each hierarchy that the caller has mounted', () => {
    const v1 = { ...cgroupMount('/cpu'), fsType: 'cgroup', options: 'rw,cpu,cpuacct' }
    const found = { target: target({ cgroups: [cgroup2, cpu] }) }
    expect(writesOf({ ...found, cgroupMounts: [cgroupMount('/c', '/box'), v1] })).toEqual([
      ...['/c/web/cgroup.procs', '0', '/cpu/web/cgroup.procs', '0'],
    ])
  })

  it('has nothing to do where the caller is in it', () => {
    const found = { target: target({ cgroups: [cgroup2] }), callerCgroups: [cgroup2] }
    expect(writesOf(found)).toEqual([])
  })

  it.each(['/../above', '/elsewhere'])('is refused where %s is out of reach', (path) => {
    const found = {
      target: target({ cgroups: [{ ...cgroup2, path }] }),
      cgroupMounts: [cgroupMount('/c', '/box')],
    }
    expect(() => writesOf(found)).toThrowError(/^the cgroup .* \(cgroup2\) .* is out of reach$/)
  })
})

describe('--follow-context', () => {
  it.each([
    [{ module: 'apparmor', name: 'docker-default' }, 'attr/apparmor/exec', 'exec docker-default'],
    [{ module: 'selinux', name: 'a:b:c:s0' }, 'attr/exec', 'a:b:c:s0'],
  ] as const)('has the command confined by %j', (label, file, text) => {
    const found = { target: target({ label }) }
    const plan = planOf(['net'], { followContext: true }, found)
    expect(only(plan, 'writeOwn').operation).toEqual({ name: 'writeOwn', file, text })
  })

  it('is refused where there is nothing to follow', () => {
    expect(() => planOf(['net'], { followContext: true })).toThrowError(
      'web (pid 812) has no security label to follow',
    )
  })
})

describe('--like', () => {
  const capabilities = {
    ...{ inheritable: '0000000000000000', permitted: '00000000a80425fb' },
    ...{ effective: '00000000a80425fb', bounding: '00000000a80425fb', ambient: '0000000000000000' },
  }
  const confined = (changes: object = {}) =>
    target({
      subject: subject({
        credentials: { ...credentials({ uid: 100_000 }), capabilities, umask: '0027', ...changes },
      }),
    })

  it('takes the capabilities of the target, and keeps no others', () => {
    const plan = planOf(['user'], { like: true }, { target: confined() })
    expect(only(plan, 'capabilities').operation).toEqual({ name: 'capabilities', ...capabilities })
    expect(only(plan, 'uid').operation).toMatchObject({ id: 0, keep: true })
    expect(only(plan, 'umask').operation.mask).toBe(0o27)
  })

  it('gives up all where they would be of another user namespace', () => {
    const plan = planOf(['net'], { like: true }, { target: confined() })
    expect(only(plan, 'capabilities').operation).toMatchObject({
      ...{ permitted: '0000000000000000', bounding: '0000000000000000' },
    })
  })

  it('lowers limits and never raises one', () => {
    const limits = [
      { resource: 4, soft: null, hard: null },
      { resource: 6, soft: '10', hard: '20' },
      { resource: 7, soft: '500', hard: null },
    ]
    const callerLimits = [
      { resource: 4, soft: '0', hard: null },
      { resource: 6, soft: '99', hard: '99' },
      { resource: 7, soft: '9999', hard: '9999' },
    ]
    const found = {
      ...{ target: { ...confined(), limits }, callerLimits },
      caller: caller({}, { openFiles: { soft: '1024', hard: '9999' } }),
    }
    const set = planOf(['user'], { like: true }, found).steps.flatMap(({ operation }) =>
      operation.name === 'limit' ? [operation] : [],
    )
    expect(set).toEqual([
      { name: 'limit', resource: 6, soft: '10', hard: '20' },
      { name: 'limit', resource: 7, soft: '500', hard: '9999' },
    ])
  })

  it('says that seccomp filters and labels do not go along', () => {
    const label = { module: 'apparmor', name: 'docker-default' } as const
    const held = { ...confined({ seccomp: 2, seccompFilters: 1 }), label }
    expect(planOf(['user'], { like: true }, { target: held }).notes).toEqual([
      'web (pid 812) has a seccomp filter, which cannot be copied: the command is not bound by that',
      'web (pid 812) is confined by AppArmor (docker-default); the command is not, without -Z',
    ])
  })

  it('is killed as easily as the target, and never less', () => {
    const scored = (oomScore: number) => ({
      ...{ target: { ...confined(), oomScore }, callerOomScore: 0 },
    })
    const plan = planOf(['user'], { like: true }, scored(300))
    expect(only(plan, 'writeOwn').operation).toMatchObject({ file: 'oom_score_adj', text: '300' })
    expect(names(planOf(['user'], { like: true }, scored(-300)))).not.toContain('writeOwn')
  })
})

it('puts the limit of open files back that Node has raised', () => {
  const found = { caller: caller({}, { openFiles: { soft: '1024', hard: '20000' } }) }
  expect(only(planOf(['net'], {}, found), 'limit').operation).toEqual({
    ...{ name: 'limit', resource: 7, soft: '1024', hard: '20000' },
  })
})

describe('what those inside could do to whoever enters', () => {
  const holding = (bounding: bigint) => {
    const capabilities = { ...credentials().capabilities, bounding: bounding.toString(16) }
    return {
      ...sharing('user'),
      subject: subject({ credentials: { ...credentials(), capabilities } }),
    }
  }
  const PTRACE = 1n << 19n

  it('is told where its root may trace in our own user namespace', () => {
    const { remarks } = planOf(['pid'], {}, { target: holding(PTRACE) })
    expect(remarks).toEqual([expect.stringContaining('it holds descriptors 0 to 2')])
  })

  it.each([
    ['it may not trace', holding(~PTRACE & ((1n << 41n) - 1n)), 'pid'],
    ['it has a user namespace of its own', target({ subject: holding(PTRACE).subject }), 'pid'],
    ['it does not see the command', holding(PTRACE), 'net'],
  ] as const)('is nothing where %s', (_, target, type) => {
    expect(planOf([type], {}, { target }).remarks).toEqual([])
  })
})
