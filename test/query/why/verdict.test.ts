import { describe, expect, it } from 'vitest'
import { nsTypeRow } from '../../../src/kernel/namespace-types.ts'
import type { Coverage, Process } from '../../../src/model/snapshot.ts'
import { releaseOf } from '../../../src/query/why/release.ts'
import { isWhole } from '../../../src/query/why/unread.ts'
import { verdictOf } from '../../../src/query/why/verdict.ts'
import {
  MADE,
  processOf,
  type ShortHolder,
  type ShortNamespace,
  snapshotOf,
} from '../../support/build-snapshot.ts'

const MNT: number = nsTypeRow('mnt').initialInum
const NS = MADE + 1

interface Case {
  readonly ns?: Partial<ShortNamespace>
  readonly others?: readonly ShortNamespace[]
  readonly processes?: readonly Process[]
  readonly coverage?: Partial<Coverage>
  readonly initial?: boolean
}

function inspect({ ns = {}, others = [], processes = [], coverage = {}, initial = false }: Case) {
  const own = { type: 'net', inum: NS, ...ns } as const
  const snapshot = snapshotOf([own, ...others], processes, coverage)
  const members = processes.filter(({ pid }) => own.members?.includes(pid))
  return { snapshot, inum: NS, members, containers: {}, initial, readerMounts: MNT }
}

const verdict = (machine: Case) => verdictOf(inspect(machine))
const release = (machine: Case) => releaseOf(inspect(machine))

const holding = (...holders: ShortHolder[]): Case => ({
  ns: { holders },
  processes: [processOf(812, 'dockerd'), processOf(900)],
})
const fd = (pid: number, n: number) => ({ kind: 'descriptor', pid, fd: n }) as const
const mount = (path: string, namespace = MNT) => ({ kind: 'mount', path, namespace }) as const

describe('the verdict', () => {
  it.each<[string, Case, string, string]>([
    [
      'one process',
      { ns: { members: [900] }, processes: [processOf(900)] },
      'members',
      'alive because 1 process is in it: sleep (900)',
    ],
    [
      'processes',
      { ns: { members: [900, 901, 902] } },
      'members',
      'alive because 3 processes are in it',
    ],
    [
      'a descriptor',
      holding(fd(812, 5)),
      'only-descriptor',
      'kept alive only by fd 5 of dockerd (812)',
    ],
    [
      'descriptors of one',
      holding(fd(812, 5), fd(812, 9)),
      'only-descriptor',
      'kept alive only by fds 5, 9 of dockerd (812)',
    ],
    [
      'descriptors of two',
      holding(fd(812, 5), fd(900, 3)),
      'only-descriptor',
      'kept alive only by 2 descriptors of 2 processes',
    ],
    [
      'a socket',
      holding({ kind: 'socket', pid: 900, fd: 3 }),
      'only-socket',
      'kept alive only by socket 3 of sleep (900)',
    ],
    [
      'a device',
      holding({ kind: 'device', pid: 900, fd: 3 }),
      'only-device',
      'kept alive only by the tun device of fd 3 of sleep (900)',
    ],
    [
      'a thread',
      holding({ kind: 'thread', pid: 812, tid: 815 }),
      'only-thread',
      'kept alive only by thread 815 of dockerd (812)',
    ],
    [
      'children to come',
      holding({ kind: 'forChildren', pid: 900 }),
      'only-for-children',
      'kept alive only by sleep (900), whose children are born into it',
    ],
    [
      'a mount',
      holding(mount('/run/netns/blue')),
      'only-mount',
      'kept alive only by the bind mount /run/netns/blue',
    ],
    [
      'a mount elsewhere',
      holding(mount('/x', MADE + 9)),
      'only-mount',
      `kept alive only by the bind mount /x, in mnt:[${MADE + 9}]`,
    ],
    [
      'several',
      holding(fd(812, 5), mount('/x')),
      'several',
      'kept alive by fd 5 of dockerd (812); the bind mount /x',
    ],
  ])('of %s', (_, machine, code, text) => {
    expect(verdict(machine)).toEqual({ code, text, certain: true })
  })

  it('of a namespace of the boot is that the kernel keeps it', () => {
    expect(verdict({ initial: true })).toMatchObject({ code: 'initial', certain: true })
  })

  it('of a child names it, once, though it is owned as well', () => {
    const child = { type: 'user', inum: MADE + 2, members: [900] } as const
    const holders = [
      { kind: 'owned', namespace: MADE + 2 },
      { kind: 'child', namespace: MADE + 2 },
    ] as const
    expect(verdict({ ns: { type: 'user', holders }, others: [child] })).toMatchObject({
      code: 'only-children',
      text: `kept alive only by its child user:[${MADE + 2}]`,
    })
  })

  it('of what is owned names it', () => {
    const owned = { type: 'uts', inum: MADE + 2, members: [900] } as const
    const holders = [{ kind: 'owned', namespace: MADE + 2 }] as const
    expect(verdict({ ns: { type: 'user', holders }, others: [owned] })).toMatchObject({
      code: 'only-owned',
      text: `kept alive only by what it owns, uts:[${MADE + 2}]`,
    })
  })
})

describe('processes that are in it', () => {
  it('are all, where they themselves hold the rest', () => {
    const machine = { ...holding(fd(900, 5)), ns: { members: [900], holders: [fd(900, 5)] } }
    expect(verdict(machine).code).toBe('members')
  })

  it('are all, where what it owns is theirs', () => {
    const ns = { type: 'user', members: [900], holders: [{ kind: 'owned', namespace: MADE + 2 }] }
    const owned = { type: 'net', inum: MADE + 2, members: [900] }
    expect(verdict({ ns, others: [owned] } as Case).code).toBe('members')
  })

  it('are not all, where what it owns is mounted', () => {
    const ns = { type: 'user', members: [900], holders: [{ kind: 'owned', namespace: MADE + 2 }] }
    const owned = { type: 'net', inum: MADE + 2, members: [900], holders: [mount('/x')] }
    const { code, text } = verdict({ ns, others: [owned], processes: [processOf(900)] } as Case)
    expect({ code, text }).toEqual({
      code: 'several',
      text: `alive because 1 process is in it: sleep (900), and it would stay without it: what it owns, net:[${MADE + 2}]`,
    })
  })

  it('are all, where the mount is in a mount namespace of theirs alone', () => {
    const ns = { members: [900], holders: [mount('/x', MADE + 2)] }
    const mounts = { type: 'mnt', inum: MADE + 2, members: [900] } as const
    expect(verdict({ ns, others: [mounts] }).code).toBe('members')
    const shared = { ...mounts, members: [900, 901] }
    expect(verdict({ ns, others: [shared] }).code).toBe('several')
  })

  it('hold nothing in a circle', () => {
    const ns = { type: 'mnt', members: [900], holders: [mount('/x', MADE + 2)] } as const
    const mounts = { type: 'mnt', inum: MADE + 2, holders: [mount('/y', NS)] } as const
    expect(verdict({ ns, others: [mounts] }).code).toBe('members')
  })
})

describe('certainty', () => {
  const denied = { source: 'processes', errno: 'EACCES', count: 12, pids: [1, 2] }
  const incomplete = { complete: false, gaps: [denied] }

  it('goes with a process that could not be read', () => {
    expect(verdict({ ...holding(mount('/x')), coverage: incomplete }).certain).toBe(false)
  })

  it('does not go with a source that finds nothing of that type', () => {
    const sources = snapshotOf([]).coverage.sources.map((source) =>
      source.name === 'sockets' ? { ...source, state: 'partial' as const } : source,
    )
    const machine = { ...holding(mount('/x')), coverage: { complete: false, sources } }
    expect(verdict(machine).certain).toBe(false)
    expect(verdict({ ...machine, ns: { ...machine.ns, type: 'uts' } }).certain).toBe(true)
  })

  it('does not go with what only newer kernels have', () => {
    const { coverage } = snapshotOf([])
    const without = (name: string) => ({
      ...coverage,
      complete: false,
      sources: coverage.sources.map((source) =>
        source.name === name ? { name, state: 'unavailable' as const } : source,
      ),
    })
    expect(verdict({ ...holding(mount('/x')), coverage: without('listns') }).certain).toBe(true)
    expect(['listns', 'threads'].map((name) => isWhole(without(name)))).toEqual([true, false])
  })

  it('is never that nothing holds it', () => {
    expect(verdict({})).toEqual({
      code: 'none-visible',
      text: 'no visible holder; a descriptor in flight or the kernel itself',
      certain: false,
    })
    expect(verdict({ coverage: incomplete }).text).toBe(
      'no visible holder; 12 processes unreadable; a descriptor in flight or the kernel itself',
    )
    expect(verdict({ coverage: { hidepid: true, complete: false } }).text).toContain('out of sight')
  })
})

describe('what would let go of it', () => {
  it.each<[string, Case, string[]]>([
    ['nothing', {}, []],
    ['the kernel', { initial: true, ns: { members: [1] } }, []],
    [
      'a process',
      { ns: { members: [900] }, processes: [processOf(900)] },
      ['end process sleep (900)'],
    ],
    [
      'processes',
      { ns: { members: [900, 901] }, processes: [processOf(900), processOf(901)] },
      ['end its 2 processes, of which sleep (900) is the topmost'],
    ],
    [
      'descriptors',
      holding(fd(812, 5), fd(812, 9), fd(900, 3)),
      [
        'end process dockerd (812), or have it close its descriptors 5, 9',
        'end process sleep (900), or have it close its descriptor 3',
      ],
    ],
    [
      'a name of iproute2',
      holding(mount('/run/netns/blue')),
      ['ip netns delete blue, or umount /run/netns/blue'],
    ],
    ['a path that a shell would split', holding(mount("/a b/it's")), ["umount '/a b/it'\\''s'"]],
    [
      'a thread',
      holding({ kind: 'thread', pid: 812, tid: 815 }),
      ['end process dockerd (812): its thread 815 cannot be ended alone'],
    ],
  ])('of %s', (_, machine, sentences) => {
    expect(release(machine)).toEqual(sentences)
  })

  it('of a path with control characters is for bash', () => {
    expect(release(holding(mount("/a\n'b\\\u009b")))).toEqual([
      "umount $'/a\\x0a\\'b\\\\\\xc2\\x9b'",
    ])
  })

  it('of a mount elsewhere goes through a process that is there', () => {
    const others = [{ type: 'mnt', inum: MADE + 9, members: [812] }] as const
    expect(release({ ...holding(mount('/x', MADE + 9)), others })).toEqual([
      `nsx enter 812 --mount -- umount /x, or end all of mnt:[${MADE + 9}]: nsx why mnt:[${MADE + 9}]`,
    ])
    expect(
      release({ ...holding(mount('/x', MADE + 9)), others: [{ type: 'mnt', inum: MADE + 9 }] }),
    ).toEqual([
      `mnt:[${MADE + 9}], in which it is mounted on /x, has to go first: nsx why mnt:[${MADE + 9}]`,
    ])
  })
})
