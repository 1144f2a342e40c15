import { describe, expect, it } from 'vitest'
import type { RunFacts } from '../../../src/model/run-facts.ts'
import {
  all,
  caller,
  facts,
  failures,
  INITIAL_USER,
  ordinary,
  plan,
  ROOT_MAP,
  stepOf,
  types,
} from './run-case.ts'

const creation = (known: RunFacts, ...names: Parameters<typeof types>) =>
  stepOf(plan({ namespaces: types(...names) }, known), 'unshare')

describe('the forecast of new namespaces', () => {
  it.each([
    [
      'a type that the kernel lacks',
      creation(facts({ missing: ['time'] }), 'time'),
      'EINVAL',
      'this kernel has no time namespaces: it is older than Linux 5.6, or was built without them',
    ],
    [
      'a limit of 0',
      creation(facts({ limits: { net: 0, uts: 5 } }), 'net', 'uts'),
      'ENOSPC',
      'user.max_net_namespaces is 0 in the user namespace of the caller',
    ],
    [
      'too many user namespaces above',
      creation(facts({ levels: { user: 33, pid: 0 } }), 'user'),
      'ENOSPC',
      'the caller is 33 user namespaces below the initial one, and the kernel nests no deeper',
    ],
    [
      'too many PID namespaces above',
      creation(facts({ levels: { user: 0, pid: 32 } }), 'pid'),
      'ENOSPC',
      'the caller is 32 PID namespaces below the initial one, and the kernel nests no deeper',
    ],
    [
      'a chroot',
      creation(facts({ caller: caller({}, { chrooted: true }) }), 'user'),
      'EPERM',
      'the caller is in a chroot, where nobody may create user namespaces',
    ],
    [
      'ids that the caller has no number for',
      creation(
        facts({ caller: caller({}, { uidMap: [{ inside: 5, outside: 0, count: 1 }] }) }),
        'user',
      ),
      'EPERM',
      'the user id of the caller has no number in its user namespace',
    ],
    [
      'a setting of Debian',
      creation(ordinary({ unprivilegedUsers: false }), 'user'),
      'EPERM',
      'kernel.unprivileged_userns_clone is 0: only root may create user namespaces',
    ],
    [
      'an ordinary user',
      creation(ordinary(), 'net'),
      'EPERM',
      'it needs CAP_SYS_ADMIN in the initial user namespace, which uid 1000 does not have',
    ],
    [
      'another PID namespace for children',
      creation(facts({ caller: caller({ links: { pid_for_children: 77 } }) }), 'pid'),
      'EINVAL',
      'the caller has another PID namespace for its children than its own',
    ],
  ])('fails for %s', (_, { forecast, advice }, errno, why) => {
    expect(forecast).toMatchObject({ outcome: 'fails', errno, why })
    expect(forecast.hint).toBeTruthy()
    expect(advice[0]).toEqual({ errno, why, hint: forecast.hint })
  })

  it('lets root ignore what is for ordinary users', () => {
    const known = facts({ unprivilegedUsers: false, appArmorRestricts: true })
    expect(creation(known, 'user').forecast.outcome).toBe('works')
  })

  it('lets a chroot have all other namespaces', () => {
    const known = facts({ caller: caller({}, { chrooted: true }) })
    expect(creation(known, 'net', 'mnt').forecast.outcome).toBe('works')
  })

  it('nests up to the last level', () => {
    const known = facts({ levels: { user: 32, pid: 31 } })
    expect(creation(known, 'user', 'pid').forecast.outcome).toBe('works')
  })

  it.each([
    ['seccomp', facts({ caller: caller({ seccomp: 2 }) }), 'seccomp filter'],
    ['AppArmor', ordinary({ appArmorRestricts: true }), '(unconfined) allows it'],
  ])('is unknown with %s, and says why', (_, known, why) => {
    const { forecast, advice } = creation(known, 'user')
    expect(forecast).toMatchObject({ outcome: 'unknown', errno: 'EPERM' })
    expect(forecast.why).toContain(why)
    expect(advice[0]?.why).toBe(forecast.why)
  })

  it('is sure of a failure, whatever else may forbid it', () => {
    const known = facts({ caller: caller({ seccomp: 2 }), limits: { net: 0 } })
    expect(creation(known, 'net').forecast).toMatchObject({ outcome: 'fails', errno: 'ENOSPC' })
  })

  it('explains a limit that is reached, which nobody can see beforehand', () => {
    const { forecast, advice } = creation(facts({ limits: { net: 5 } }), 'net')
    expect(forecast.outcome).toBe('works')
    expect(advice.find(({ errno }) => errno === 'ENOSPC')?.why).toContain('user.max_net_namespaces')
  })

  it('waits for namespaces that the kernel frees late', () => {
    const made = plan({ namespaces: types('net') })
    expect(all(made, 'unshare')[0]?.patienceMs).toBe(2000)
  })

  it('names the types in the order in which the kernel makes them', () => {
    const every = ['time', 'net', 'cgroup', 'pid', 'ipc', 'uts', 'mnt', 'user'] as const
    const made = plan({ namespaces: types(...every), clone: true })
    expect(stepOf(made, 'spawn').what).toBe(
      'start a process in new user, mount, UTS, IPC, PID, cgroup, network and time namespaces',
    )
  })
})

describe('what cannot be meant', () => {
  it.each([
    ['--mount-proc', { mountProc: '/proc' }, '--mount'],
    ['--mount-binfmt', { mountBinfmt: '/b' }, '--mount'],
    ['--hostname', { hostname: 'x' }, '--uts'],
    ['--loopback', { loopback: true }, '--net'],
    ['--monotonic', { monotonic: 1 }, '--time'],
    ['--boottime', { boottime: 1 }, '--time'],
    ['--map-users', { uidMap: ROOT_MAP }, '--user'],
    ['--map-groups', { gidMap: ROOT_MAP }, '--user'],
    ['--owner', { owner: { uid: 1, gid: 1 } }, '--user'],
    ['--setgroups', { setgroups: 'deny' }, '--user'],
  ] as const)('%s is never done to the namespaces of the caller', (flag, changes, needed) => {
    expect(() => plan(changes)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(`${flag} needs a new`),
        details: expect.objectContaining({ target: flag, hint: `add ${needed}` }),
      }),
    )
  })

  it('offsets of clocks cannot be after a clone', () => {
    const changes = { namespaces: types('time'), clone: true, boottime: 1 }
    expect(() => plan(changes)).toThrow(/EACCES/)
  })

  it('knows whose user namespace it is', () => {
    const known = facts({ caller: caller({ uid: 1000, links: { user: INITIAL_USER } }) })
    expect(failures(plan({ namespaces: types('net') }, known))[0]?.hint).toBe(
      'add --user --map-root-user, or run it as root: sudo nsx run …',
    )
  })
})
