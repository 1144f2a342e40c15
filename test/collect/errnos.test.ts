import { describe, expect, it } from 'vitest'
import { readNamespacePath } from '../../src/collect/named.ts'
import type { Gap, Snapshot } from '../../src/model/snapshot.ts'
import { type Asked, ask } from '../support/ask.ts'
import { type Failing, faultyHost } from '../support/faulty-host.ts'
import { fixtureHost } from '../support/fixture-host.ts'
import type { Machine, ProcfsCall } from '../support/fixture-procfs.ts'

const GONE = ['ENOENT', 'ESRCH']
const DENIED = ['EACCES', 'EPERM']
const ODD = ['EIO', 'ELOOP']
const OURS = ['EMFILE', 'ENFILE', 'ENOMEM']

interface Site {
  readonly what: string
  readonly machine: Machine
  readonly failing: Failing
  readonly asked?: Asked
  /** The gap that everything but what is gone leaves. */
  readonly source: string
  /** Null: the gap names no process. */
  readonly pid: number | null
  /** A refusal leaves no gap: it is the usual answer there, or has been counted already. */
  readonly deniedIsSilent?: true
}

const file = (call: ProcfsCall, path: string | RegExp): Failing => ({ on: 'procfs', call, path })

/** Every place where something of the machine is read, and can fail by itself. */
const SITES: readonly Site[] = [
  {
    what: 'a link of a process',
    machine: 'bare-host',
    failing: file('link', '350/ns/uts'),
    ...{ source: 'processes', pid: 350 },
  },
  {
    what: 'a link of a process after others that are gone',
    machine: 'bare-host',
    failing: file('link', '777/ns/user'),
    ...{ source: 'processes', pid: 777 },
  },
  {
    what: 'all links of a process',
    machine: 'bare-host',
    failing: file('link', /^610\/ns\//),
    ...{ source: 'processes', pid: 610 },
  },
  {
    what: 'a link of our own',
    machine: 'bare-host',
    asked: { task: 350, needs: new Set() },
    failing: file('link', '900/ns/mnt'),
    ...{ source: 'host', pid: 900 },
  },
  {
    what: 'a link of the process that was named',
    machine: 'bare-host',
    asked: { task: 350, needs: new Set() },
    failing: file('link', '350/ns/mnt'),
    ...{ source: 'processes', pid: 350 },
  },
  {
    what: 'a descriptor directory',
    machine: 'pinned-net',
    failing: file('names', '4100/fd'),
    ...{ source: 'descriptors', pid: 4100 },
  },
  {
    what: 'a descriptor',
    machine: 'pinned-net',
    failing: file('link', '4100/fd/7'),
    ...{ source: 'descriptors', pid: 4100 },
  },
  {
    what: 'every descriptor of a process',
    machine: 'pinned-net',
    failing: file('link', /^4200\/fd\//),
    ...{ source: 'descriptors', pid: 4200 },
  },
  {
    what: 'what is told of a descriptor',
    machine: 'pinned-net',
    failing: file('bytes', '4100/fdinfo/8'),
    ...{ source: 'descriptors', pid: 4100 },
  },
  {
    what: 'the stat of a leader',
    machine: 'bare-host',
    failing: file('bytes', '350/stat'),
    ...{ source: 'processes', pid: 350 },
  },
  {
    what: 'the status of a leader',
    machine: 'bare-host',
    failing: file('bytes', '350/status'),
    ...{ source: 'processes', pid: 350 },
  },
  {
    what: 'the command line of a leader',
    machine: 'bare-host',
    failing: file('head', '350/cmdline'),
    ...{ source: 'processes', pid: 350 },
  },
  {
    what: 'the stat of a holder',
    machine: 'two-containers',
    failing: file('bytes', '500/stat'),
    ...{ source: 'processes', pid: 500 },
  },
  {
    what: 'our mounts',
    machine: 'bare-host',
    failing: file('bytes', 'self/mountinfo'),
    ...{ source: 'mounts', pid: null },
  },
  {
    what: 'a socket table',
    machine: 'bare-host',
    failing: file('bytes', '1/net/tcp'),
    ...{ source: 'sockets', pid: 1 },
  },
  {
    what: 'a process whose tables were read, when it is looked at again',
    machine: 'bare-host',
    failing: { on: 'guide', pid: 1 },
    ...{ source: 'sockets', pid: 1 },
  },
  {
    what: 'the namespace of a socket',
    machine: 'pinned-net',
    failing: { on: 'socket', inode: 55001 },
    ...{ source: 'sockets', pid: 4200 },
  },
  {
    what: 'every way into a namespace',
    machine: 'two-containers',
    failing: { on: 'handle', inum: 4026532313 },
    ...{ source: 'relatives', pid: null },
  },
  {
    what: 'the owner of a namespace',
    machine: 'nested-user',
    failing: { on: 'fact', inum: 4026532502, field: 'owner' },
    ...{ source: 'relatives', pid: null, deniedIsSilent: true },
  },
  {
    what: 'the parent of a namespace',
    machine: 'nested-user',
    failing: { on: 'fact', inum: 4026532521, field: 'parent' },
    ...{ source: 'relatives', pid: null, deniedIsSilent: true },
  },
  {
    what: 'the number of a network namespace',
    machine: 'pinned-net',
    failing: { on: 'fact', inum: 4026532401, field: 'nsid' },
    ...{ source: 'relatives', pid: null, deniedIsSilent: true },
  },
  {
    what: 'the host name',
    machine: 'bare-host',
    failing: file('bytes', 'sys/kernel/hostname'),
    ...{ source: 'host', pid: null },
  },
  {
    what: 'the boot id',
    machine: 'bare-host',
    failing: file('bytes', 'sys/kernel/random/boot_id'),
    ...{ source: 'host', pid: null },
  },
  {
    what: 'the nsfs device',
    machine: 'bare-host',
    failing: file('stat', 'self/ns/net'),
    ...{ source: 'host', pid: null },
  },
  {
    what: 'the network trace of an unreadable process',
    machine: 'unprivileged',
    failing: file('stat', '100/net/dev'),
    ...{ source: 'processes', pid: 100, deniedIsSilent: true },
  },
  {
    what: 'the network trace of a readable process',
    machine: 'unprivileged',
    failing: file('stat', '4900/net/dev'),
    ...{ source: 'processes', pid: 4900, deniedIsSilent: true },
  },
  {
    what: 'the mounts of an unreadable process',
    machine: 'unprivileged',
    failing: file('head', '100/mountinfo'),
    ...{ source: 'processes', pid: 100, deniedIsSilent: true },
  },
  {
    what: 'the mounts of a readable process',
    machine: 'unprivileged',
    failing: file('bytes', '4900/mountinfo'),
    ...{ source: 'processes', pid: 4900, deniedIsSilent: true },
  },
]

const read = ({ machine, failing, asked }: Site, errno: string): Snapshot =>
  ask(faultyHost(machine, failing, errno), asked).snapshot

/** The gaps that the failure made. */
function newGaps(site: Site, { coverage }: Snapshot): readonly Gap[] {
  const { gaps } = ask(fixtureHost(site.machine), site.asked).snapshot.coverage
  const before = new Set(gaps.map((gap) => JSON.stringify(gap)))
  return coverage.gaps.filter((gap) => !before.has(JSON.stringify(gap)))
}

describe.each(SITES)('$what', (site) => {
  const { source, pid } = site

  it.each(GONE)('that is gone (%s) leaves no gap', (errno) => {
    expect(newGaps(site, read(site, errno))).toEqual([])
  })

  it.each([...(site.deniedIsSilent ? [] : DENIED), ...ODD])('with %s is a gap', (errno) => {
    const snapshot = read(site, errno)
    const gaps = newGaps(site, snapshot)
    expect(gaps).toContainEqual(expect.objectContaining({ source, errno }))
    const pids = gaps.find((gap) => gap.source === source && gap.errno === errno)?.pids
    if (pid === null) expect(pids).toEqual([])
    else expect(pids).toContain(pid)
    expect(snapshot.coverage.complete).toBe(false)
  })

  it.each(site.deniedIsSilent ? DENIED : [])('with %s is no gap of its own', (errno) => {
    expect(newGaps(site, read(site, errno))).toEqual([])
  })

  it.each(OURS)('with %s ends the reading', (errno) => {
    expect(() => read(site, errno)).toThrow(
      expect.objectContaining({
        name: 'NsxError',
        details: expect.objectContaining({ code: 'out-of-resources', exitCode: 5, errno }),
      }),
    )
  })
})

describe('a call that fails as a whole', () => {
  const calls = [
    'listPids',
    'scanProcesses',
    'readProcesses',
    'describe',
    'socketNamespaces',
  ] as const

  it.each(calls.flatMap((on) => [...DENIED, ...ODD, ...OURS].map((errno) => ({ on, errno }))))(
    'ends the reading: $on, $errno',
    ({ on, errno }) => {
      const ours = OURS.includes(errno)
      expect(() => ask(faultyHost('pinned-net', { on }, errno))).toThrow(
        expect.objectContaining({
          name: 'NsxError',
          details: expect.objectContaining({
            code: ours
              ? 'out-of-resources'
              : DENIED.includes(errno)
                ? 'permission-denied'
                : 'unreadable',
            exitCode: DENIED.includes(errno) ? 4 : 5,
            errno,
          }),
        }),
      )
    },
  )

  it('that throws no system error is a bug of ours', () => {
    const host = { ...fixtureHost('bare-host'), listPids: () => null as never }
    expect(() => ask(host)).toThrow(TypeError)
  })
})

describe('what fails', () => {
  const made = (snapshot: Snapshot, inum: number) =>
    snapshot.namespaces.find((ns) => ns.inum === inum)

  it('leaves the other links of the process', () => {
    const snapshot = read(SITES[0] as Site, 'EIO')
    expect(made(snapshot, 4026531838)?.members).not.toContain(350)
    expect(made(snapshot, 4026531839)?.members).toContain(350)
    expect(made(snapshot, 4026532190)?.leader).toBe(350)
  })

  it('counts each errno of a process', () => {
    const host = fixtureHost('bare-host', {
      faults: [
        { call: 'link', path: '350/ns/net', errno: 'ESRCH' },
        { call: 'link', path: '350/ns/uts', errno: 'EIO' },
        { call: 'link', path: '350/ns/ipc', errno: 'EACCES' },
        { call: 'link', path: '610/ns/ipc', errno: 'EACCES' },
      ],
    })
    expect(ask(host).snapshot.coverage.gaps).toEqual([
      { source: 'processes', errno: 'EIO', count: 1, pids: [350] },
      { source: 'processes', errno: 'EACCES', count: 2, pids: [350, 610] },
    ])
  })

  it('counts a process once, however much of it cannot be read', () => {
    const faults = [
      { call: 'bytes', path: '350/status', errno: 'EIO' },
      { call: 'head', path: '350/cmdline', errno: 'EIO' },
    ] as const
    expect(ask(fixtureHost('bare-host', { faults })).snapshot.coverage.gaps).toEqual([
      { source: 'processes', errno: 'EIO', count: 1, pids: [350] },
    ])
  })

  it('does not count a process as a member twice when one of its links is refused', () => {
    const host = fixtureHost('unprivileged', {
      faults: [{ call: 'link', path: '5000/ns/mnt', errno: 'EACCES' }],
    })
    const { snapshot } = ask(host)
    expect(made(snapshot, 4026531833)?.members).toEqual([1, 2, 100, 4900, 5000])
    expect(made(snapshot, 4026531832)?.members).toEqual([1, 2, 4900, 5000])
    expect(made(snapshot, 4026531832)?.inferredMembers).toEqual([1, 2, 5000])
  })

  it('does not make a namespace unidentified that another member shows', () => {
    const before = ask(fixtureHost('unprivileged')).snapshot
    for (const [call, path] of [
      ['stat', '4900/net/dev'],
      ['bytes', '4900/mountinfo'],
    ] as const) {
      const host = fixtureHost('unprivileged', { faults: [{ call, path, errno: 'ESRCH' }] })
      const { snapshot } = ask(host)
      expect(snapshot.coverage.unidentified).toEqual(before.coverage.unidentified)
      expect(snapshot.namespaces).toEqual(before.namespaces)
    }
  })

  it('leaves no trace of a process that is gone as a whole', () => {
    const faults = [{ call: 'link', path: /^350\/ns\//, errno: 'ESRCH' } as const]
    const snapshot = ask(fixtureHost('bare-host', { faults })).snapshot
    expect(JSON.stringify(snapshot)).not.toMatch(/\b350\b|4026532190/)
    expect(snapshot.coverage.complete).toBe(true)
  })

  it.each([
    ['ESTALE', false],
    ['ENOENT', false],
    ['EACCES', true],
    ['EIO', true],
  ])('on every way into a namespace with %s keeps it: %s', (errno, kept) => {
    const failing = { on: 'handle', inum: 4026532313 } as const
    const { snapshot } = ask(faultyHost('two-containers', failing, errno))
    expect(made(snapshot, 4026532313)?.unknown).toEqual(kept ? ['id', 'owner'] : undefined)
  })

  it('on one way into a namespace does not matter while there is another', () => {
    const faults = [{ call: 'link', path: '1100/ns/net', errno: 'ESRCH' } as const]
    const host = fixtureHost('two-containers')
    const faulty = fixtureHost('two-containers', { faults })
    const { snapshot } = ask({ ...host, describe: faulty.describe })
    expect(made(snapshot, 4026532305)).toMatchObject({ id: '7305', unknown: [] })
    expect(snapshot.coverage.complete).toBe(true)
  })

  it('for a leader goes on with the next member', () => {
    const faults = [{ call: 'bytes', path: '1100/stat', errno: 'ESRCH' } as const]
    const { snapshot } = ask(fixtureHost('two-containers', { faults }))
    expect(made(snapshot, 4026532302)).toMatchObject({ leader: 1101, unknown: [] })
  })

  it('for all members leaves the leader unknown', () => {
    const faults = [{ call: 'bytes', path: '350/stat', errno: 'EIO' } as const]
    const { snapshot } = ask(fixtureHost('bare-host', { faults }))
    expect(made(snapshot, 4026532190)).toMatchObject({ leader: null, unknown: ['leader'] })
  })

  it('of the answers of nsfs is named in the row', () => {
    const failing = { on: 'fact', inum: 4026532502, field: 'owner' } as const
    const { snapshot } = ask(faultyHost('nested-user', failing, 'EPERM'))
    expect(made(snapshot, 4026532502)).toMatchObject({ owner: null, unknown: ['owner'] })
  })
})

describe('a cycle of parents', () => {
  it('does not keep the search for a leader going', () => {
    const text = (pid: number, ppid: number) =>
      Buffer.from(`${pid} (x) S ${ppid} 1 1 0 -1 4194304 ${'0 '.repeat(12)}7 ${'0 '.repeat(30)}\n`)
    const files = { '620/stat': text(620, 640), '640/stat': text(640, 620) }
    const { snapshot } = ask(fixtureHost('bare-host', { files }))
    const { leader } = snapshot.namespaces.find(({ inum }) => inum === 4026532195) ?? {}
    expect([620, 640]).toContain(leader)
  })
})

describe('the process that is named', () => {
  const all = (errno: string) =>
    ({ on: 'procfs', call: 'link', path: /^350\/ns\//, errno }) as const

  it.each([
    ['ENOENT', 'no-such-process', 3],
    ['ESRCH', 'no-such-process', 3],
    ['EACCES', 'permission-denied', 4],
    ['EPERM', 'permission-denied', 4],
    ['EIO', 'unreadable', 5],
    ['EMFILE', 'out-of-resources', 5],
    ['ENOMEM', 'out-of-resources', 5],
  ])('and answers %s to everything is an error: %s, exit %i', (errno, code, exitCode) => {
    expect(() => ask(faultyHost('bare-host', all(errno), errno), { task: 350 })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ code, exitCode, errno }) }),
    )
  })

  it('is refused, also where some of its links are gone', () => {
    const faults = [{ call: 'link', path: /^777\/ns\/(pid|user)$/, errno: 'EACCES' } as const]
    expect(() => ask(fixtureHost('bare-host', { faults }), { task: 777 })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ code: 'permission-denied' }) }),
    )
  })
})

describe('a path to a namespace', () => {
  it.each([
    ['/run/netns/blue', 4026532401],
    ['/srv/green', 4026532402],
    ['/proc/4300/ns/net', 4026532406],
  ])('%s leads to %i', (path, inum) => {
    expect(readNamespacePath(fixtureHost('pinned-net'), path)).toBe(inum)
  })

  it.each([
    ['/run/netns/none', 'no-such-namespace', 3],
    ['/run/netns/covered', 'no-such-namespace', 3],
    ['/proc/99/ns/net', 'no-such-namespace', 3],
  ])('%s leads nowhere: %s', (path, code, exitCode) => {
    expect(() => readNamespacePath(fixtureHost('pinned-net'), path)).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ code, exitCode, target: path }),
      }),
    )
  })

  it('may be refused', () => {
    expect(() => readNamespacePath(fixtureHost('unprivileged'), '/proc/1/ns/net')).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ exitCode: 4, errno: 'EACCES' }),
      }),
    )
  })

  it('needs the addon', () => {
    expect(() => readNamespacePath(fixtureHost('pinned-net', { nsfs: false }), '/x')).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ code: 'no-addon', exitCode: 6 }),
      }),
    )
  })

  it.each(OURS)('is not looked for with %s', (errno) => {
    const host = faultyHost('pinned-net', { on: 'procfs', call: 'link', path: '1/ns/net' }, errno)
    expect(() => readNamespacePath(host, '/proc/1/ns/net')).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ code: 'out-of-resources' }) }),
    )
  })
})

describe('the reader', () => {
  it.each(['ENOENT', 'EACCES'])(
    'is not in this procfs (%s): its namespaces are not told',
    (errno) => {
      const faults = [
        { call: 'link', path: 'self', errno } as const,
        { call: 'bytes', path: 'self/mountinfo', errno: 'ENOENT' } as const,
      ]
      const { snapshot } = ask(fixtureHost('pinned-net', { faults }))
      expect(snapshot.host).toMatchObject({ userNs: null, pidNs: null })
      expect(snapshot.coverage.sources).toContainEqual({ name: 'mounts', state: 'unavailable' })
      expect(snapshot.coverage.complete).toBe(false)
    },
  )

  it.each(OURS)('cannot be told with %s', (errno) => {
    expect(() =>
      fixtureHost('bare-host', { faults: [{ call: 'link', path: 'self', errno }] }),
    ).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ code: 'out-of-resources' }) }),
    )
  })
})
