import { describe, expect, it } from 'vitest'
import type { ActionPlan } from '../../../src/model/exec-plan.ts'
import { credentials } from '../rules/pairs.ts'
import { caller, names, only, planOf, subject, target, theirs } from './facts.ts'

describe('who the command is', () => {
  const idsOf = (plan: ActionPlan) =>
    plan.steps.flatMap(({ operation }) =>
      operation.name === 'uid' || operation.name === 'gid'
        ? [`${operation.name} ${operation.id}`]
        : operation.name === 'groups'
          ? [`groups ${operation.ids}`]
          : [],
    )
  /** uid 33 of the container. */
  const web = target({
    subject: subject({
      credentials: { ...credentials({ uid: 100_033, gid: 100_034 }), groups: [100_050, 7] },
    }),
  })

  it('is root in a user namespace that it enters, without groups', () => {
    // The caller's own are dropped before: that namespace may forbid it.
    expect(idsOf(planOf(['user']))).toEqual(['groups ', 'groups ', 'gid 0', 'uid 0'])
    expect(idsOf(planOf(['user'], {}, { caller: caller({ uid: 1000 }) }))).toEqual([
      ...['groups ', 'gid 0', 'uid 0'],
    ])
  })

  it('is the caller itself elsewhere, or where that is asked for', () => {
    expect(idsOf(planOf(['net']))).toEqual([])
    expect(idsOf(planOf(['user'], { preserveCredentials: true }))).toEqual([])
  })

  it('is whoever was named', () => {
    expect(idsOf(planOf(['net'], { uid: 5 }))).toEqual(['uid 5'])
    expect(idsOf(planOf(['net'], { gid: 6 }))).toEqual(['groups ', 'gid 6'])
  })

  it('follows the target as the user namespace that is entered numbers it', () => {
    const follow = { uid: 'follow', gid: 'follow' } as const
    const plan = planOf(['user'], follow, { target: web })
    expect(idsOf(plan)).toEqual(['groups ', 'groups 50', 'gid 34', 'uid 33'])
    expect(plan.notes).toEqual([
      'one group of web (pid 812) has no number in user:[205], and is left out',
    ])
    expect(idsOf(planOf(['net'], follow, { target: web }))).toEqual([
      ...['groups 100050,7', 'gid 100034', 'uid 100033'],
    ])
  })

  it('cannot follow where the id has no number', () => {
    const stranger = target({ subject: subject({ credentials: credentials({ uid: 5 }) }) })
    expect(() => planOf(['user'], { uid: 'follow' }, { target: stranger })).toThrowError(
      'the uid of web (pid 812) cannot be followed: it has no number in user:[205]',
    )
  })

  it('is foreseen to fail with an id that has no number', () => {
    expect(only(planOf(['user'], { uid: 70_000 }), 'uid').forecast).toMatchObject({
      ...{ outcome: 'fails', errno: 'EINVAL', why: 'uid 70000 has no number in user:[205]' },
    })
  })

  it('is as the target is where the user namespace has no root', () => {
    const one = [{ inside: 33, outside: 100_033, count: 1 }]
    const maps = new Map([[theirs('user'), { uids: one, gids: null }]])
    const plan = planOf(['user'], {}, { target: web, maps })
    expect(only(plan, 'uid').operation.id).toBe(33)
    expect(only(plan, 'gid').operation.id).toBe(0)
    expect(plan.remarks).toEqual([
      'uid 0 has no number in user:[205]: the command has uid 33, as web (pid 812) has',
    ])
  })

  it('needs CAP_SETUID to be another one', () => {
    const plan = planOf(['net'], { uid: 5 }, { caller: caller({ uid: 1000 }) })
    expect(only(plan, 'uid').forecast.why).toBe(
      'it needs CAP_SETUID in the initial user namespace, which uid 1000 does not have',
    )
    const same = planOf(['net'], { uid: 1000 }, { caller: caller({ uid: 1000 }) })
    expect(only(same, 'uid').forecast.outcome).toBe('works')
  })

  it('keeps capabilities only in a user namespace', () => {
    const inside = planOf(['user'], { keepCapabilities: true, uid: 33 })
    expect(only(inside, 'uid').operation.keep).toBe(true)
    expect(names(inside)).toContain('ambient')
    const outside = planOf(['net'], { keepCapabilities: true, uid: 33 })
    expect(only(outside, 'uid').operation.keep).toBe(false)
    expect(names(outside)).not.toContain('ambient')
    expect(outside.notes).toHaveLength(1)
  })
})

describe('root and working directory', () => {
  it('are the root of the mount namespace, and a note tells of a chroot', () => {
    const plan = planOf(['mnt'], {}, { target: target({ chrooted: true }) })
    expect(names(plan)).not.toContain('chroot')
    expect(plan.notes).toEqual([
      'web (pid 812) has another root directory within its mount namespace: --root follows it',
    ])
  })

  it('are opened before and taken after', () => {
    const plan = planOf(['mnt'], { root: 'target' })
    expect(names(plan)).toEqual([
      ...['pidfd', 'openDirectory', 'seal', 'setns', 'alive', 'chroot', 'chdir', 'closeSlots'],
      'exec',
    ])
    expect(only(plan, 'openDirectory').operation.path).toBe('/proc/812/root')
    expect(only(plan, 'chdir').operation.slot).toBe(only(plan, 'chroot').operation.slot)
  })

  it('are looked up inside where that is asked for', () => {
    const plan = planOf(['mnt'], { innerDirectory: '/srv' })
    expect(only(plan, 'chdirPath').operation.path).toBe('/srv')
  })

  it('that the root does not lead to are foreseen to fail', () => {
    const ours = planOf(['mnt'], { workingDirectory: { path: '/tmp' } })
    expect(only(ours, 'chdir').forecast).toMatchObject({
      ...{
        outcome: 'fails',
        errno: 'EXDEV',
        why: expect.stringContaining('out of reach of the root'),
      },
      hint: '--wdns DIR is looked up inside',
    })
    const its = planOf(['net'], { workingDirectory: 'target' })
    expect(only(its, 'chdir').forecast.hint).toBe('enter that, too: --mount')
    const both = planOf(['mnt'], { workingDirectory: 'target' })
    expect(only(both, 'chdir').forecast.outcome).toBe('works')
  })
})

describe('the environment', () => {
  const environmentOf = (...how: Parameters<typeof planOf>) =>
    only(planOf(...how), 'exec').operation.environment

  it('is made anew for the files of a target', () => {
    expect(environmentOf(['mnt'])).toEqual([
      ...['TERM=xterm', 'LC_ALL=C'],
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      ...['HOME=/root', 'SHELL=/bin/ash', 'USER=root', 'LOGNAME=root'],
    ])
  })

  it('is that of the user whom the command becomes there', () => {
    expect(environmentOf(['mnt', 'user'], { uid: 33 })).toEqual(
      expect.arrayContaining(['HOME=/var/www', 'USER=web', 'SHELL=/bin/sh']),
    )
  })

  it('names no user who is not there', () => {
    const made = environmentOf(['mnt'], { uid: 44 })
    expect(made).toContain('HOME=/')
    expect(made.filter((each) => each.startsWith('USER='))).toEqual([])
    expect(environmentOf(['mnt'], {}, { passwd: null })).toContain('HOME=/root')
  })

  it('is the caller’s own with its own files, or where that is asked for', () => {
    const { environment } = caller()
    expect(environmentOf(['net'])).toEqual(environment)
    expect(environmentOf(['mnt'], { keepEnvironment: true })).toEqual(environment)
  })

  it('is the target’s where that is asked for, or nothing', () => {
    const found = { target: target({ environment: ['A=1'] }) }
    expect(environmentOf(['net'], { targetEnvironment: true }, found)).toEqual(['A=1'])
    expect(() => planOf(['net'], { targetEnvironment: true })).toThrowError(
      'the environment of web (pid 812) cannot be read',
    )
  })
})

describe('without a command', () => {
  const argsOf = (...how: Parameters<typeof planOf>) => only(planOf(...how), 'exec').operation.args

  it('the shell of the user there is run', () => {
    expect(argsOf(['mnt'], { command: [] })).toEqual(['/bin/ash'])
  })

  it('/bin/sh is run where that shell turns everybody away, or nobody says which', () => {
    expect(argsOf(['mnt'], { command: [], uid: 33 })).toEqual(['/bin/sh'])
    expect(argsOf(['mnt'], { command: [] }, { passwd: null })).toEqual(['/bin/sh'])
  })

  it('the caller’s own shell is run with its own files', () => {
    expect(argsOf(['net'], { command: [] })).toEqual(['/bin/zsh'])
    const none = caller({}, { shell: null })
    expect(argsOf(['net'], { command: [] }, { caller: none })).toEqual(['/bin/sh'])
  })
})
