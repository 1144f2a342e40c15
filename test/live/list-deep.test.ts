import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import type { HolderRow, Row } from '../../src/query/rows.ts'
import { compileSchema } from '../support/schemas.ts'
import { ENGINES, type ListDocument, listDocument, rowFor, stateOf } from './support/list.ts'
import { lsnsColumns } from './support/lsns.ts'
import { requireAddon, requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { type Held, hold, holdAs, releaseAll } from './support/zoo.ts'

const canHold = requireRoot() && requireCommand('cc') && requireAddon()
const UID = 12_345

/** Types that a thread can be in without its process. */
const OF_THREADS = ['mnt', 'net', 'uts', 'ipc', 'cgroup'] as const

const validate = compileSchema('list')

afterEach(releaseAll)

/** Every document is held against the contract. */
async function deep(how: readonly string[] = []): Promise<ListDocument> {
  const document = await listDocument(['--deep', ...how])
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
  return document
}

/** What holds it, in the fields that say something of that kind. */
function holdersOf({ holders }: Row): object[] {
  return holders.map(({ kind, process, fd, path, mountNamespace, namespace }: HolderRow) =>
    Object.fromEntries(
      Object.entries({
        ...{ kind, pid: process?.pid ?? null, tid: process?.tid ?? null, fd, path },
        ...{ mnt: mountNamespace?.inum ?? null, namespace: namespace?.inum ?? null },
      }).filter(([, value]) => value !== null),
    ),
  )
}

function expectHeld(document: ListDocument, held: Held, ...holders: object[]): void {
  const row = rowFor(document, held)
  expect({ members: row.holderCounts.process, holders: holdersOf(row) }).toEqual({
    ...{ members: 0, holders },
  })
}

describe.runIf(canHold).each(ENGINES)('with $engine, a deep look finds', ({ how, engine }) => {
  const native = engine === 'the addon'

  test.each(OF_THREADS)('the %s namespace of a single thread', async (type) => {
    const held = await hold('stray', type)
    expectHeld(await deep(how), held, { kind: 'thread', pid: held.pid, tid: held.tid })
  })

  test.each(OF_THREADS)('the %s namespace of a thread whose leader has exited', async (type) => {
    const held = await hold('headless', type)
    expectHeld(await deep(how), held, { kind: 'thread', pid: held.pid, tid: held.tid })
  })

  test.each(['pid', 'time'])('the %s namespace that only children will be in', async (type) => {
    const held = await hold('for-children', type)
    expectHeld(await deep(how), held, { kind: 'forChildren', pid: held.pid })
  })

  test('the mount of a namespace in the mount namespace of others', async () => {
    const held = await hold('elsewhere', 'uts')
    const mount = { kind: 'mount', path: '/mnt/pin', mnt: held.mnt }
    expectHeld(await deep(how), held, mount)
    // Ours is not that one: a column of paths that we can use has none.
    const { stdout } = await runNsx([
      'list',
      '--deep',
      '-r',
      '-n',
      '-o',
      'NSFS,HELD-BY',
      ...how,
      String(held.inum),
    ])
    expect(stdout).toBe(`- /mnt/pin\\x20in\\x20mnt:[${held.mnt}]\n`)
  })

  test('what is opened of /proc/PID/net of another namespace', async () => {
    const { pid, inum } = await hold('process', 'net')
    const held = await hold('net-file', String(pid))
    const row = rowFor(await deep(how), { type: 'net', inum })
    const path = `/proc/${pid}/net/dev`
    expect(holdersOf(row)).toEqual([{ kind: 'descriptor', pid: held.pid, fd: held.fd, path }])
  })

  test('that a file of /proc/PID/net keeps one of which nothing else is known', async () => {
    const before = (await deep(how)).coverage.unidentified.net ?? 0
    const held = await hold('net-file')
    const { coverage, namespaces } = await deep(how)
    expect(namespaces.some(({ inum }) => inum === held.inum)).toBe(false)
    expect(coverage.unidentified.net).toBe(before + 1)
  })

  test.runIf(native)('the network namespace of a tun device', async () => {
    const held = await holdAs(UID, 'tun')
    expectHeld(await deep(how), held, { kind: 'device', pid: held.pid, fd: held.fd })
  })

  test.runIf(native)('a PID namespace in which no process has been yet', async () => {
    const held = await hold('unborn')
    expectHeld(await deep(how), held, { kind: 'forChildren', pid: held.pid })
  })

  test.runIf(native)('the mount namespace that only a message in flight keeps', async () => {
    const held = await hold('in-flight', 'mnt')
    const row = rowFor(await deep(how), held)
    expect(holdersOf(row)).toEqual([])
    expect(row).toMatchObject({ leader: null, unknown: [] })
  })

  test.runIf(native)('what a process has open whose leader has exited', async () => {
    const held = await hold('headless-descriptor', 'uts')
    expectHeld(await deep(how), held, { kind: 'descriptor', pid: held.tid, fd: held.fd })
  })
})

describe.runIf(canHold)('a deep look', () => {
  test('finds the namespace of every hiding place at once, of which lsns finds none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nsx-deep-'))
    const places: [string, ...string[]][] = [
      ...[
        ['stray', 'uts'],
        ['headless', 'uts'],
        ['for-children', 'pid'],
        ['for-children', 'time'],
      ],
      ...[
        ['unborn'],
        ['mount', 'uts', `${folder}/pin`],
        ['elsewhere', 'uts'],
        ['elsewhere', 'user'],
      ],
      ...[['descriptor', 'uts'], ['detached', 'uts'], ['socket', 'udp'], ['tun'], ['ancestor']],
      ...[
        ['owner', 'uts'],
        ['in-flight', 'mnt'],
      ],
    ] as [string, ...string[]][]
    const held: Held[] = []
    for (const place of places) held.push(await hold(...place))
    const document = await deep()
    for (const each of held) rowFor(document, each)
    const listed = new Set(lsnsColumns('NS').map(([ns]) => Number(ns)))
    expect(held.filter(({ inum }) => listed.has(inum)).map(({ holder }) => holder)).toEqual([])
    expect(document.namespaces.length).toBeGreaterThan(listed.size)
    await releaseAll()
    rmSync(folder, { recursive: true })
  })

  test.runIf(requireCommand('ip') && requireCommand('nsenter'))(
    'tells that the other end of an interface is in a namespace out of sight',
    async () => {
      const before = (await deep()).coverage.unidentified.net ?? 0
      const near = await hold('process', 'net')
      const far = await hold('process', 'net')
      const veth = ['ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1']
      execFileSync('nsenter', ['-t', String(near.pid), '-n', ...veth, 'netns', String(far.pid)])
      expect((await deep()).coverage.unidentified.net ?? 0).toBe(before)
      await hold('in-flight', 'net', String(far.pid))
      await far.release()
      const { coverage, namespaces } = await deep()
      expect(namespaces.some(({ inum }) => inum === far.inum)).toBe(false)
      expect(coverage.unidentified.net).toBe(before + 1)
      expect(coverage.sources.find(({ name }) => name === 'peers')?.state).toBe('partial')
    },
  )

  test('asks every source; a usual one asks no more than before', async () => {
    const asked = (document: ListDocument) =>
      document.coverage.sources.filter(({ state }) => state !== 'notAsked').map(({ name }) => name)
    const usual = [
      'processes',
      'descriptors',
      'sockets',
      'mounts',
      'relatives',
      'nsids',
      'containers',
    ]
    expect(asked(await listDocument())).toEqual(usual)
    expect(asked(await deep())).toEqual([
      ...[
        'processes',
        'threads',
        'forChildren',
        'descriptors',
        'sockets',
        'mounts',
        'mountNamespaces',
      ],
      ...['relatives', 'nsids', 'devices', 'netFiles', 'peers', 'listns', 'containers'],
    ])
  })

  test('finds nothing that we hold ourselves', async () => {
    for (const how of [[], ['--procfs', '/proc']]) {
      const { namespaces } = await deep(how)
      const processes = namespaces.flatMap(({ holders }) => holders.map(({ process }) => process))
      // What was ours has ended with us.
      const ours = processes.filter((p) => p?.comm === 'node' && !existsSync(`/proc/${p.pid}`))
      expect(ours).toEqual([])
    }
  })

  test('of an ordinary user finds what is theirs, and says what it could not look through', async () => {
    const held = await holdAs(UID, 'stray', 'uts').catch(() => null)
    const { stdout, code } = await runNsx(['list', '--deep', '--json'], { uid: UID })
    const document: ListDocument = JSON.parse(stdout)
    expect(code).toBe(0)
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
    expect(stateOf(document, 'mountNamespaces')).toBe('partial')
    expect(document.coverage.complete).toBe(false)
    expect(held === null || document.namespaces.length > 0).toBe(true)
    expect((await runNsx(['list', '--deep', '--strict'], { uid: UID })).code).toBe(5)
  })

  test.each(NS_TYPE_NAMES)('at %s alone finds the same of that type', async (type) => {
    if (type === 'pid') await hold('for-children', 'pid')
    if (type !== 'pid') await hold('elsewhere', type === 'mnt' ? 'uts' : type)
    const all = (await deep()).namespaces.filter((row) => row.type === type)
    const some = (await deep(['-t', type])).namespaces
    expect(some.map(({ inum }) => inum)).toEqual(all.map(({ inum }) => inum))
  })

  test.runIf(requireFile('/dev/fuse'))('is not held up by a file that never answers', async () => {
    await hold('fuse')
    const start = performance.now()
    await deep()
    expect(performance.now() - start).toBeLessThan(5000)
  })
})
