import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES, nsTypeRow } from '../../../src/kernel/namespace-types.ts'
import type { LingeringProcess } from '../../../src/model/checkup.ts'
import type { PlacedProcess } from '../../../src/model/population.ts'
import { ageText } from '../../../src/query/doctor/age.ts'
import { concernedBy, diagnose, hasTrouble } from '../../../src/query/doctor/doctor.ts'
import { checkupOf, lingers, type Machine, place } from '../../support/build-checkup.ts'
import {
  MADE,
  processOf,
  type ShortHolder,
  type ShortNamespace,
} from '../../support/build-snapshot.ts'

const MNT: number = nsTypeRow('mnt').initialInum
const PID: number = nsTypeRow('pid').initialInum
const ALL = new Set(NS_TYPE_NAMES)

function findingsOf(machine: Machine, types = ALL) {
  return diagnose(checkupOf(machine), types).findings
}

const brief = (machine: Machine) => findingsOf(machine).map(({ code, text }) => [code, text])

const fd = (pid: number, n: number) => ({ kind: 'descriptor', pid, fd: n }) as const
const mount = (path: string) => ({ kind: 'mount', path, namespace: MNT }) as const
describe('a sound machine', () => {
  it('has no findings', () => {
    const net = { type: 'net', inum: MADE + 1, members: [900], holders: [fd(812, 5), mount('/x')] }
    const pid = { type: 'pid', inum: MADE + 2, members: [900] }
    const placed = [place(900, 1)]
    expect(findingsOf({ namespaces: [net, pid] as ShortNamespace[], placed })).toEqual([])
  })

  it('can have a parent that waits for a process in a new PID namespace', () => {
    const holders = [{ kind: 'forChildren', pid: 899 }] as const
    const pid = { type: 'pid', inum: MADE + 2, members: [900], holders } as const
    expect(findingsOf({ namespaces: [pid], placed: [place(900, 1)] })).toEqual([])
  })
})

describe('namespaces without processes', () => {
  const of = (type: ShortNamespace['type'], ...holders: ShortHolder[]): Machine => ({
    namespaces: [{ type, inum: MADE + 1, holders }],
    processes: [processOf(812, 'dockerd')],
  })

  it.each<[string, Machine, string, string]>([
    [
      'descriptors',
      of('net', fd(812, 5)),
      'no-processes',
      '1 network namespace without processes, kept by descriptors of dockerd (812)',
    ],
    [
      'names',
      of('net', mount('/run/netns/blue')),
      'unused-name',
      '1 named network namespace that no process uses',
    ],
    [
      'mounts',
      of('uts', mount('/x')),
      'no-processes',
      '1 UTS namespace without processes, kept by bind mounts',
    ],
    [
      'mounts of mount namespaces',
      of('mnt', mount('/x')),
      'mounted-mount-namespace',
      '1 mount namespace held only by bind mounts: all that is mounted in it stays busy',
    ],
    [
      'nothing',
      of('mnt'),
      'no-visible-holder',
      '1 mount namespace of which nothing that holds it could be seen: a descriptor in flight, or the kernel itself',
    ],
    [
      'children to come',
      of('time', { kind: 'forChildren', pid: 812 }),
      'children-only',
      '1 time namespace that nothing is in yet: only the future children of dockerd (812) would be',
    ],
  ])('kept by %s', (_, machine, code, text) => {
    expect(brief(machine)).toEqual([[code, text]])
  })

  it('are told together where the same holds them', () => {
    const namespaces = [1, 2, 3].map((n) => ({
      ...{ type: 'net', inum: MADE + n, holders: [fd(n === 3 ? 900 : 812, n)] },
    })) as ShortNamespace[]
    const findings = findingsOf({
      namespaces,
      processes: [processOf(812, 'dockerd'), processOf(900)],
    })
    expect(findings.map(({ count, text }) => [count, text])).toEqual([
      [2, '2 network namespaces without processes, kept by descriptors of dockerd (812)'],
      [1, '1 network namespace without processes, kept by descriptors of sleep (900)'],
    ])
  })

  it('of the type user that have others below them, are told as owners', () => {
    const holders = [{ kind: 'owned', namespace: MADE + 2 }] as const
    const namespaces = [
      { type: 'user', inum: MADE + 1, holders },
      { type: 'uts', inum: MADE + 2, members: [900] },
    ] as const
    expect(brief({ namespaces })).toEqual([
      ['empty-user-namespace', '1 user namespace without processes, kept by namespaces below them'],
    ])
  })

  it('are not said to be empty where somebody could not be read', () => {
    const namespaces = [
      { type: 'uts', inum: MADE + 1, holders: [mount('/x')], atLeast: ['process'] },
    ] as const
    expect(brief({ namespaces })[0]?.[1]).toContain('without processes that could be seen')
  })

  it('are as old as their mount, else it is told how long the holder has run', () => {
    const since = '2026-11-21T01:02:03.000Z'
    const machine = of('uts', mount('/x'))
    const [finding] = findingsOf({ ...machine, mountedSince: { '/x': since } })
    expect(finding?.subjects[0]).toMatchObject({ since, sinceOf: 'held', path: '/x' })
    const held = findingsOf({ ...of('uts', fd(812, 5)), startedAt: { 812: since } })
    expect(held[0]?.subjects[0]).toMatchObject({ since, sinceOf: 'holder' })
    expect(findingsOf(machine)[0]?.subjects[0]).toMatchObject({ since: null, sinceOf: null })
  })
})

describe('PID namespaces', () => {
  it('are dead without a process', () => {
    const namespaces = [
      { type: 'pid', inum: MADE + 1, parent: PID, holders: [fd(812, 5)] },
    ] as const
    expect(brief({ namespaces, processes: [processOf(812, 'dockerd')] })).toEqual([
      [
        'dead-pid-namespace',
        '1 PID namespace whose init has ended, kept by descriptors of dockerd (812): nothing can be started in it any more',
      ],
    ])
  })

  it('are an error where somebody cannot fork for that reason', () => {
    const holders = [{ kind: 'forChildren', pid: 812 }] as const
    const namespaces = [{ type: 'pid', inum: MADE + 1, parent: PID, holders }] as const
    const [finding] = findingsOf({ namespaces, processes: [processOf(812, 'bash')] })
    expect(finding).toMatchObject({ code: 'dead-pid-namespace', severity: 'error' })
    expect(finding?.text).toContain('bash (812) cannot start any process')
    expect(finding?.text).toContain('ENOMEM')
  })

  it('are not dead before their first process', () => {
    const holders = [{ kind: 'forChildren', pid: 812 }] as const
    const namespaces = [{ type: 'pid', inum: MADE + 1, parent: PID, holders }] as const
    expect(brief({ namespaces, unborn: [MADE + 1] })[0]?.[0]).toBe('children-only')
  })

  const dead = { type: 'pid', inum: MADE + 1, parent: PID, holders: [fd(812, 5)] } as const

  it('are not said to be dead where a process of no known one may be in them', () => {
    expect(findingsOf({ namespaces: [dead], innerUntold: true })).toEqual([])
  })

  it('are not said to be dead where their processes are out of sight', () => {
    expect(findingsOf({ namespaces: [{ ...dead, parent: null }] })).toEqual([])
    const between = { type: 'pid', inum: MADE + 2, parent: PID, members: [900] } as const
    const namespaces = [{ ...dead, parent: MADE + 2 }, between]
    expect(brief({ namespaces, placed: [place(900, 1)] })).toHaveLength(1)
  })

  const stuck = (blocker: LingeringProcess, rest: Partial<PlacedProcess>): Machine => ({
    namespaces: [{ type: 'pid', inum: MADE + 1, members: [900, 901] }],
    placed: [place(900, 1), place(901, 2, rest), place(700, 700, { comm: 'runner' })],
    lingering: [lingers(900, 'S'), blocker],
  })

  it.each<[string, Machine, string, string]>([
    [
      'a zombie',
      stuck(lingers(901, 'Z'), { state: 'Z', ppid: 700 }),
      'sh (901) is a zombie: runner (700) does not wait for it',
      'end or mend runner (700), which has to wait for its children (wait(2))',
    ],
    [
      'a traced process',
      stuck(lingers(901, 'Z', 700), { state: 'Z' }),
      'sh (901) is traced by runner (700)',
      'end the tracer runner (700)',
    ],
    [
      'the kernel',
      stuck(lingers(901, 'D'), { state: 'D' }),
      'sh (901) waits in the kernel and cannot be interrupted',
      'find what it waits for: /proc/901/stack; often a disk or a file server that does not answer',
    ],
  ])('cannot end because of %s', (_, machine, detail, remedy) => {
    const [finding] = findingsOf(machine)
    expect(finding).toMatchObject({
      ...{ code: 'stuck-pid-namespace', severity: 'error', remedy },
      text: `pid:[${MADE + 1}] cannot end: its init sh (900) waits for 1 process that does not go`,
      subjects: [{ process: { pid: 901 }, detail }],
    })
  })

  it('wait for nobody but the parent of their init', () => {
    const [finding] = findingsOf({
      namespaces: [{ type: 'pid', inum: MADE + 1, members: [900] }],
      placed: [place(900, 1, { state: 'Z', ppid: 700 }), place(700, 700, { comm: 'runner' })],
      lingering: [lingers(900, 'Z')],
    })
    expect(finding?.text).toBe(
      `the init of pid:[${MADE + 1}], sh (900), has ended, and nobody has waited for it`,
    )
    expect(finding?.remedy).toContain('runner (700)')
  })
})

describe('threads', () => {
  const holders = (pid: number) => [
    { kind: 'thread', pid, tid: pid + 1 } as const,
    { kind: 'thread', pid, tid: pid + 2 } as const,
  ]

  it('that stray are told by process', () => {
    const namespaces = [
      { type: 'net', inum: MADE + 1, holders: holders(812) },
      { type: 'mnt', inum: MADE + 2, members: [900], holders: holders(812).slice(1) },
    ] as const
    const [finding, ...others] = findingsOf({
      namespaces,
      processes: [processOf(812, 'dockerd')],
      placed: [place(812, 812)],
    })
    expect(others).toEqual([])
    expect(finding).toMatchObject({
      code: 'stray-threads',
      text: '2 threads of dockerd (812) are in other namespaces (mnt, net) than the process',
    })
    expect(finding?.subjects.map(({ process }) => process?.tid).sort()).toEqual([813, 814, 814])
  })

  it('behind a leader that has exited do not stray', () => {
    const namespaces = [{ type: 'net', inum: MADE + 1, holders: holders(812) }] as const
    expect(findingsOf({ namespaces, placed: [place(812, 812, { state: 'Z' })] })).toEqual([])
  })
})

describe('what is left out', () => {
  const names = { staleNames: ['/run/netns/old', '/run/netns/older', '/run/docker/netns/x'] }

  it('names that lead nowhere are told by folder', () => {
    expect(findingsOf(names).map(({ text, remedy }) => [text, remedy])).toEqual([
      [
        '2 names in /run/netns lead to no namespace: nothing is mounted there (any more)',
        'ip netns delete NAME, or remove the file',
      ],
      [
        '1 name in /run/docker/netns leads to no namespace: nothing is mounted there (any more)',
        'remove the files, once nothing uses them',
      ],
    ])
  })

  it('is what is about other types', () => {
    expect(findingsOf(names, new Set(['mnt']))).toEqual([])
    expect(findingsOf(names, new Set(['net']))).toHaveLength(2)
  })

  it('are gaps, which alone are no trouble', () => {
    const gap = (source: string) => ({ source, errno: 'EACCES', count: 12, pids: [1, 2] })
    const coverage = { complete: false, gaps: [gap('processes'), gap('descriptors')] }
    const diagnosis = diagnose(checkupOf({ coverage }), ALL)
    expect(diagnosis.findings.map(({ code, text }) => [code, text])).toEqual([
      ['gap', '12 processes could not be read: permission denied (EACCES)'],
    ])
    expect(hasTrouble(diagnosis)).toBe(false)
    expect(hasTrouble(diagnose(checkupOf(names), ALL))).toBe(true)
  })

  it('are namespaces of which only the existence is known', () => {
    expect(brief({ coverage: { unidentified: { net: 2 } } })).toEqual([
      [
        'hidden-namespaces',
        'at least 2 network namespaces exist of which nothing else could be told',
      ],
    ])
  })
})

describe('the worst', () => {
  it('comes first', () => {
    const namespaces = [
      { type: 'net', inum: MADE + 1, holders: [mount('/run/netns/blue')] },
      { type: 'pid', inum: MADE + 2, parent: PID, holders: [{ kind: 'forChildren', pid: 812 }] },
      { type: 'uts', inum: MADE + 3, holders: [fd(812, 5)] },
    ] as const
    expect(findingsOf({ namespaces }).map(({ severity }) => severity)).toEqual([
      ...['error', 'warning', 'note'],
    ])
  })
})

describe('the processes that are looked at closely', () => {
  it('are holders, what is left of processes, and the parents of these', () => {
    const { population } = checkupOf({
      namespaces: [
        { type: 'net', inum: MADE + 1, holders: [fd(812, 5)] },
        { type: 'pid', inum: MADE + 2, members: [900, 901] },
      ],
      placed: [place(900, 1), place(901, 2, { state: 'Z', ppid: 700 }), place(902, 902)],
    })
    expect(concernedBy(population).sort()).toEqual([700, 812, 901])
  })
})

describe('an age', () => {
  const now = '2026-11-24T00:00:00.000Z'

  it.each([
    ['2026-11-20T23:00:00.000Z', 'held', 'held for 3 days'],
    ['2026-11-23T23:00:00.000Z', 'held', 'held for 1 hour'],
    ['2026-11-23T23:59:59.500Z', 'holder', 'by a process started 0 seconds ago'],
    ['2026-11-25T00:00:00.000Z', 'held', 'held for 0 seconds'],
  ] as const)('of %s', (since, sinceOf, text) => {
    expect(ageText({ since, sinceOf }, now)).toBe(text)
  })

  it('that is unknown is not told', () => {
    expect(ageText({ since: null, sinceOf: null }, now)).toBeNull()
  })
})
