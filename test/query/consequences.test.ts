import { describe, expect, it } from 'vitest'
import { CAPABILITIES, type Capability } from '../../src/kernel/capabilities.ts'
import type { Pair } from '../../src/model/pair.ts'
import { consequencesOf } from '../../src/query/consequences.ts'
import {
  type CredentialOptions,
  credentials,
  INITIAL_PID,
  offsets,
  pair,
  place,
  side,
  without,
} from './rules/pairs.ts'

const bit = (name: Capability) => 1n << BigInt(CAPABILITIES.indexOf(name))
const tell = (of: Pair, rule: string) => {
  const { holds, text } = consequencesOf(of).find((one) => one.rule === rule) ?? {}
  return [holds, text]
}

const who = (name: string, options: CredentialOptions, user?: number) =>
  side(name, {
    credentials: credentials(options),
    ...(user === undefined ? {} : { links: { user } }),
  })

const inPid = (name: string, pid: number, nsPids: number[]) =>
  side(name, { links: { pid }, nsPids })

describe('consequencesOf', () => {
  const all = consequencesOf(pair(side('A'), side('B')))

  it('tells one sentence a rule', () => {
    expect(all.map(({ rule }) => rule)).toEqual([
      ...['see', 'be-seen', 'signal', 'be-signalled', 'trace', 'be-traced'],
      ...['localhost', 'abstract-sockets', 'sysv-ipc', 'message-queues', 'hostname'],
      ...['posix-shm', 'mounts', 'mounts-back', 'uids', 'uids-back', 'clocks', 'cgroups'],
    ])
    for (const { text } of all) expect(text).toMatch(/^[A-Z].*[^.]\.$/)
  })

  it('holds all of two processes that share everything', () => {
    expect(all.filter(({ holds }) => holds !== true)).toEqual([])
  })

  it('calls the two by their names, as they are written', () => {
    const [see] = consequencesOf(pair(side('web'), side('pid 7')))
    expect(see?.text).toBe('web sees pid 7 as pid 200: they share a PID namespace.')
  })

  it('guesses nothing of two tasks of which nothing could be read', () => {
    const blank = (name: string) => {
      const { subject, ...whole } = side(name)
      return {
        ...whole,
        ...{
          mounts: null,
          cgroups: null,
          offsets: null,
          uidMap: null,
          gidMap: null,
          dumpable: null,
        },
        subject: { ...subject, links: {}, nsPids: [], credentials: null },
      }
    }
    const a = blank('A')
    const b = blank('B')
    const told = consequencesOf(
      pair(
        { ...a, subject: { ...a.subject, linkErrnos: denied } },
        { ...b, subject: { ...b.subject, linkErrnos: denied } },
      ),
    )
    expect(told.filter(({ holds }) => holds !== null)).toEqual([])
    for (const { text } of told) expect(text).toMatch(/unknown|cannot be (read|told)/)
  })
})

const denied = Object.fromEntries(
  ['mnt', 'net', 'pid', 'uts', 'ipc', 'user', 'cgroup', 'time'].map((type) => [type, 'EACCES']),
)

describe('see', () => {
  it.each([
    [
      inPid('A', INITIAL_PID, [100]),
      inPid('B', 51, [200, 20, 2]),
      [true, "A sees B as pid 200: B's is below its PID namespace."],
    ],
    [
      inPid('A', 50, [100, 10]),
      inPid('B', 51, [200, 20, 2]),
      [true, "A sees B as pid 20: B's is below its PID namespace."],
    ],
    [
      inPid('A', 50, [100, 10]),
      inPid('B', INITIAL_PID, [200]),
      [false, "A cannot see B's processes: its PID namespace is a child of B's."],
    ],
    [
      inPid('A', 51, [100, 10, 1]),
      inPid('B', INITIAL_PID, [200]),
      [false, "A cannot see B's processes: its PID namespace is a descendant of B's."],
    ],
    [
      inPid('A', 50, [100, 1]),
      inPid('B', 60, [200, 1]),
      [false, "A cannot see B's processes: neither PID namespace is within the other."],
    ],
    [
      without('A', 'pid', 'EACCES'),
      side('B'),
      [
        null,
        "Whether A sees B is unknown: A's PID namespace is unknown: permission denied (EACCES).",
      ],
    ],
  ])('case %#', (a, b, expected) => {
    expect(tell(pair(a, b), 'see')).toEqual(expected)
    expect(tell(pair(b, a), 'be-seen')[0]).toBe(expected[0])
  })

  it('is told by the number of pids where a link is denied', () => {
    const deep = without('A', 'pid', 'EACCES')
    const a = { ...deep, subject: { ...deep.subject, nsPids: [100, 1] } }
    expect(tell(pair(a, side('B')), 'see')).toEqual([
      false,
      "A cannot see B's processes: its PID namespace is deeper than B's.",
    ])
  })
})

describe('signal', () => {
  it.each([
    ['the same user', who('A', { uid: 5 }), who('B', { uid: 5 }), true],
    [
      'a real uid like its saved one',
      who('A', { uid: 5, effectiveUid: 6 }),
      who('B', { uid: 5 }),
      true,
    ],
    [
      'an effective uid like its real one',
      who('A', { uid: 6, effectiveUid: 5 }),
      who('B', { uid: 5 }),
      true,
    ],
    [
      'a real uid like its effective one alone',
      who('A', { uid: 5 }),
      who('B', { uid: 6, effectiveUid: 5 }),
      false,
    ],
    ['another user', who('A', { uid: 5 }), who('B', { uid: 6 }), false],
    [
      'the capability',
      who('A', { uid: 5, effective: bit('CAP_KILL') }),
      who('B', { uid: 6 }),
      true,
    ],
    [
      'another capability',
      who('A', { uid: 5, effective: bit('CAP_SYS_PTRACE') }),
      who('B', { uid: 6 }),
      false,
    ],
    [
      'a permitted capability alone',
      who('A', { uid: 5, permitted: bit('CAP_KILL') }),
      who('B', { uid: 6 }),
      false,
    ],
    ['the user namespace in which it is', who('A', { uid: 5 }), who('B', { uid: 6 }, 11), true],
    ['a user namespace of another', who('A', { uid: 4 }), who('B', { uid: 6 }, 11), false],
    [
      'all capabilities, but below',
      who('A', { uid: 4, effective: ~0n & 0x1ffffffffffn }, 10),
      who('B', { uid: 6 }),
      false,
    ],
  ])('by %s', (_, a, b, holds) => {
    expect(tell(pair(a, b), 'signal')[0]).toBe(holds)
  })

  it('needs that it sees it', () => {
    const text = 'A cannot signal B: B is out of its sight.'
    expect(tell(pair(inPid('A', 50, [100, 1]), side('B')), 'signal')).toEqual([false, text])
  })

  it('is not told of nobodies that the reader cannot tell apart', () => {
    const [a, b] = [who('A', { uid: 65534 }), who('B', { uid: 65534 })]
    expect(tell(pair(a, b, { kernelIds: true }), 'signal')[0]).toBe(true)
    expect(tell(pair(a, b, { kernelIds: false }), 'signal')[0]).toBeNull()
  })
})

describe('trace', () => {
  const ptrace = { effective: bit('CAP_SYS_PTRACE') }
  it.each([
    ['the same user', who('A', { uid: 5 }), who('B', { uid: 5 }), true, /same user and group/],
    [
      'another group',
      who('A', { uid: 5, gid: 1 }),
      who('B', { uid: 5 }),
      false,
      /another user or group/,
    ],
    [
      'a set-uid other',
      who('A', { uid: 5 }),
      who('B', { uid: 5, effectiveUid: 0 }),
      false,
      /another user/,
    ],
    [
      'the effective uid alone',
      who('A', { uid: 6, effectiveUid: 5, gid: 5 }),
      who('B', { uid: 5 }),
      false,
      /another user/,
    ],
    [
      'an other with more',
      who('A', { uid: 5 }),
      who('B', { uid: 5, permitted: 1n }),
      false,
      /has capabilities that it has not/,
    ],
    [
      'an other with no more',
      who('A', { uid: 5, permitted: 3n }),
      who('B', { uid: 5, permitted: 1n }),
      true,
      /all capabilities/,
    ],
    [
      'the capability',
      who('A', { uid: 5, ...ptrace }),
      who('B', { uid: 6, permitted: 1n }),
      true,
      /: it has CAP_SYS_PTRACE\.$/,
    ],
    [
      'the user namespace',
      who('A', { uid: 5 }),
      who('B', { uid: 9 }, 10),
      true,
      /in B's user namespace, from above\.$/,
    ],
  ])('by %s', (_, a, b, holds, text) => {
    expect(tell(pair(a, b), 'trace')).toEqual([holds, expect.stringMatching(text)])
  })

  it('of what is not dumpable asks for the capability, also above', () => {
    const undumpable = (user?: number) => ({ ...who('B', { uid: 5 }, user), dumpable: false })
    const is = (a: ReturnType<typeof who>, user?: number) =>
      tell(pair(a, undumpable(user)), 'trace')[0]
    expect(is(who('A', { uid: 5 }))).toBe(false)
    expect(is(who('A', { uid: 5, ...ptrace }))).toBe(true)
    expect(is(who('A', { uid: 9, ...ptrace }), 11)).toBe(true)
    // Whether its program was started before it went into the namespace is not to be seen.
    expect(is(who('A', { uid: 5 }), 10)).toBeNull()
  })

  it('is not told where only that is unknown which decides', () => {
    const unknown = { ...who('B', { uid: 5 }), dumpable: null }
    expect(tell(pair(who('A', { uid: 5 }), unknown), 'trace')).toEqual([
      null,
      'It cannot be told whether A can trace B: only as long as B is dumpable (prctl(2), PR_SET_DUMPABLE).',
    ])
    expect(tell(pair(who('A', { uid: 5, ...ptrace }), unknown), 'trace')[0]).toBe(true)
    expect(tell(pair(who('A', { uid: 6 }), unknown), 'trace')[0]).toBe(false)
  })

  it.each([
    [0, null, true, true],
    [1, [7, 100, 1], true, true],
    [1, [7, 1], false, true],
    [1, null, null, true],
    [2, null, false, true],
    [3, null, false, false],
  ])(
    'under Yama %s, of a descendant of %j: by user %s, by capability %s',
    (yama, ancestors, byUser, byCapability) => {
      const b = { ...who('B', { uid: 5 }), ancestors }
      expect(tell(pair(who('A', { uid: 5 }), b, { yama }), 'trace')[0]).toBe(byUser)
      expect(tell(pair(who('A', { uid: 5, ...ptrace }), b, { yama }), 'trace')[0]).toBe(
        byCapability,
      )
    },
  )

  it.each([
    [{ kernelThread: true }, 'B is a thread of the kernel'],
    [{ state: 'Z' }, 'B has exited'],
    [{ tgid: 100 }, 'they are one process'],
  ])('never of %j', (changes, why) => {
    expect(tell(pair(side('A'), side('B', changes)), 'trace')).toEqual([
      ...[false, `A cannot trace B: ${why}.`],
    ])
  })
})

describe('what is shared', () => {
  it.each([
    ['localhost', 'net', 'A port of B on localhost is not in reach of A'],
    ['abstract-sockets', 'net', 'A and B share no abstract unix sockets'],
    ['sysv-ipc', 'ipc', 'A and B cannot share System V memory, semaphores or queues'],
    ['message-queues', 'ipc', 'A and B cannot share POSIX message queues'],
    ['hostname', 'uts', 'A and B each have a host name of their own'],
  ])('%s is by the %s namespace', (rule, type, no) => {
    const title = { net: 'network', ipc: 'IPC', uts: 'UTS' }[type]
    const other = side('B', { links: { [type]: 999 } })
    expect(tell(pair(side('A'), other), rule)).toEqual([
      ...[false, `${no}: they are in different ${title} namespaces.`],
    ])
    expect(tell(pair(side('A'), without('B', type, 'EACCES')), rule)).toEqual([
      null,
      expect.stringMatching(/B's .* namespace is unknown: permission denied \(EACCES\)\.$/),
    ])
    expect(tell(pair(side('A'), without('B', type, 'ENOENT', 'Z')), rule)).toEqual([
      false,
      `${no}: B has exited, and has no ${title} namespace any more.`,
    ])
  })

  it('posix-shm is by the directory, whatever the mount namespace', () => {
    const is = (mounts: ReturnType<typeof place>[] | null) =>
      tell(pair(side('A'), side('B', { links: { mnt: 99 } }, { mounts })), 'posix-shm')[0]
    expect(is([place('/'), place('/dev/shm', '0:23')])).toBe(true)
    expect(is([place('/'), place('/dev/shm', '0:24')])).toBe(false)
    expect(is([place('/')])).toBe(false)
    expect(is([])).toBeNull()
    expect(is(null)).toBeNull()
    const readOnly = [place('/'), { ...place('/dev/shm', '0:23'), mountOptions: 'ro' }]
    expect(is(readOnly)).toBe(true)
    const both = pair(side('A', {}, { mounts: readOnly }), side('B', {}, { mounts: readOnly }))
    expect(tell(both, 'posix-shm')[0]).toBe(false)
  })

  it('mounts go where their peers are, and not back from a slave', () => {
    const a = side('A', {}, { mounts: [place('/', '8:1', 1), place('/srv', '8:2', 2)] })
    const slave = { ...place('/srv', '8:2'), master: 2 }
    const b = side('B', { links: { mnt: 99 } }, { mounts: [place('/'), slave] })
    expect(tell(pair(a, b), 'mounts')).toEqual([
      ...[true, 'A mount made by A below /srv appears to B too: it spreads there.'],
    ])
    expect(tell(pair(a, b), 'mounts-back')).toEqual([
      false,
      'A mount made by B does not appear to A: they are in different mount namespaces.',
    ])
  })

  it('mounts spread where both have the directory, not only the group', () => {
    const told = (from: string, to: string) => {
      const at = (root: string) => ({ mounts: [{ ...place('/mnt', '0:42', 2), root }] })
      const b = side('B', { links: { mnt: 99 } }, at(to))
      return tell(pair(side('A', {}, at(from)), b), 'mounts')
    }
    expect(told('/dd', '/ee')[0]).toBe(false)
    expect(told('/', '/dd')).toEqual([true, expect.stringContaining(' below /mnt/dd appears')])
    expect(told('/dd/x', '/dd')).toEqual([true, expect.stringContaining(' below /mnt appears')])
    expect(told('/dd', '/dd/x')).toEqual([true, expect.stringContaining(' below /mnt/x appears')])
  })

  it('mounts may spread by way of a namespace that neither is in', () => {
    const a = side('A', {}, { mounts: [place('/', '8:1', 1)] })
    const from = (more: Partial<ReturnType<typeof place>>) =>
      tell(
        pair(a, side('B', { links: { mnt: 99 } }, { mounts: [{ ...place('/'), ...more }] })),
        'mounts',
      )[0]
    expect(from({ master: 7 })).toBeNull()
    expect(from({ master: 7, device: '8:9' })).toBe(false)
    expect(from({ master: 1 })).toBe(true)
    // Both receive from the same group: what one of them sends does not go there.
    const slave = side('A', {}, { mounts: [{ ...place('/', '8:1', 5), master: 7 }] })
    const other = side('B', { links: { mnt: 99 } }, { mounts: [{ ...place('/'), master: 7 }] })
    expect(tell(pair(slave, other), 'mounts')[0]).toBe(false)
  })

  it.each([
    [true, true, /^A and B reach each other over localhost/],
    [false, false, /do not reach each other over localhost: the loopback interface/],
    [null, null, /is unknown: the state of the loopback interface/],
  ])('localhost needs a loopback interface that is up: %s', (loopback, holds, text) => {
    const told = tell(pair(side('A'), side('B'), { loopback }), 'localhost')
    expect(told).toEqual([holds, expect.stringMatching(text)])
  })

  it.each(['see', 'signal', 'trace'])('%s is nothing for a process that has exited', (rule) => {
    const dead = side('A', { state: 'Z' })
    expect(tell(pair(dead, side('B')), rule)).toEqual([
      false,
      expect.stringMatching(/: it has exited\.$/),
    ])
    // Its first thread has ended, the others do what they like.
    expect(tell(pair(side('A', { state: 'Z', threads: 2 }), side('B')), rule)[0]).not.toBe(false)
  })

  it('a process of which only the first thread has ended is not called dead', () => {
    const half = without('B', 'net', 'ENOENT', 'Z')
    const b = { ...half, subject: { ...half.subject, threads: 3 } }
    expect(tell(pair(side('A'), b), 'cgroups')[0]).toBeNull()
    expect(tell(pair(side('A'), b), 'localhost')[0]).toBeNull()
    expect(tell(pair(side('A'), b), 'trace')[0]).toBeNull()
    expect(tell(pair(side('A'), b), 'mounts')[0]).not.toBe(false)
  })

  it('clocks agree where the offsets are the same', () => {
    const other = (offset: ReturnType<typeof offsets> | null) =>
      tell(pair(side('A'), side('B', { links: { time: 99 } }, { offsets: offset })), 'clocks')
    expect(other(offsets(0))[0]).toBe(true)
    expect(other(offsets(-86_400))).toEqual([
      false,
      "The boot-time clock of B is 86400 s behind A's: they are in different time namespaces.",
    ])
    expect(other(offsets(0, 5))[1]).toMatch(/^The monotonic clock of B is 5 s ahead of A's/)
    expect(other(null)[0]).toBeNull()
  })

  it('cgroups are told by the first hierarchy that differs', () => {
    const cgroup = (path: string) => [
      { hierarchy: 4, controllers: ['memory'], path },
      { hierarchy: 0, controllers: [], path: '/' },
    ]
    const a = side('A', {}, { cgroups: cgroup('/a') })
    expect(tell(pair(a, side('B', {}, { cgroups: cgroup('/b') })), 'cgroups')).toEqual([
      false,
      'A and B are in different memory cgroups, and under their limits: A in /a, B in /b.',
    ])
    expect(tell(pair(a, side('B', {}, { cgroups: cgroup('/a') })), 'cgroups')[0]).toBe(true)
    expect(
      tell(pair(a, side('B', { state: 'Z' }, { cgroups: cgroup('/a') })), 'cgroups')[0],
    ).toBeNull()
    // What only keeps track of processes limits nothing.
    const tracked = [{ hierarchy: 1, controllers: ['name=systemd'], path: '/x' }, ...cgroup('/a')]
    const other = side(
      'B',
      {},
      { cgroups: tracked.with(0, { ...tracked[0], path: '/y' } as never) },
    )
    expect(tell(pair(side('A', {}, { cgroups: tracked }), other), 'cgroups')[0]).toBe(true)
  })
})

describe('uids', () => {
  const container = (uid: number) =>
    side(
      'B',
      { credentials: credentials({ uid }), links: { user: 10 } },
      { uidMap: [{ inside: 0, outside: 100_000, count: 65_536 }] },
    )

  it.each([
    [100_000, false, 'Uid 0 of B is uid 100000 to A.'],
    [100_033, false, 'Uid 33 of B is uid 100033 to A.'],
    [7, false, 'The unmapped user of B is uid 7 to A.'],
  ])('of %s', (uid, holds, text) => {
    expect(tell(pair(side('A'), container(uid)), 'uids')).toEqual([holds, text])
  })

  it('have no number where they are not mapped', () => {
    expect(tell(pair(side('A'), container(100_000)), 'uids-back')).toEqual([
      false,
      "Uid 0 of A has no uid in B's user namespace: it shows as 65534 (nobody) there.",
    ])
  })

  it('are not told of a nobody that may be anybody', () => {
    const nobody = side('B', { credentials: credentials({ uid: 65_534 }) })
    expect(tell(pair(side('A'), nobody, { kernelIds: false }), 'uids')[0]).toBeNull()
    expect(tell(pair(side('A'), nobody), 'uids')[0]).toBe(true)
  })
})
