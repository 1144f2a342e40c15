import { afterEach, describe, expect, test } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { type Container, startBwrap, startRunc } from './support/containers.ts'
import { ENGINES, listDocument, rowFor } from './support/list.ts'
import { lsnsColumns } from './support/lsns.ts'
import { requireAddon, requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { copyPackage } from './support/package.ts'
import { argsOf, effectiveUidOf, inumOf, membersOf } from './support/proc.ts'
import { type Held, hold, holdAs, releaseAll } from './support/zoo.ts'

const UID = 12_345

/** Where somebody else's process comes or goes just then, or makes lsns fail: once more. */
const AGAIN = { retry: 3 }
const canHold = requireRoot() && requireCommand('cc') && requireAddon()

const containers: Container[] = []

afterEach(async () => {
  await releaseAll()
  for (const container of containers.splice(0)) await container.stop()
})

describe.runIf(canHold).each(ENGINES)('list with $engine', ({ how }) => {
  test('shows a process of another user in a namespace of each type', async () => {
    const zoo = await holdProcesses()
    const document = await listDocument(how)
    for (const held of zoo) {
      expect(rowFor(document, held)).toMatchObject({
        holderCounts: { process: 1, descriptor: 0, mount: 0 },
        leader: { pid: held.pid, uid: UID, args: argsOf(held.pid), comm: 'zoo' },
      })
    }
  })

  test.runIf(requireCommand('lsns'))(
    'finds what lsns finds, and agrees with it',
    AGAIN,
    async () => {
      const zoo = [
        ...(await holdProcesses()),
        await hold('ancestor'),
        await hold('owner', 'uts'),
        await holdAs(UID, 'owner', 'net'),
      ]
      const before = readLsns()
      const document = await listDocument(how)
      const after = readLsns()
      // Of namespaces that other programs made or left meanwhile, neither is right.
      const steady = [...before].filter(([inum, row]) => same(row, after.get(inum)))
      expect(steady.map(([inum]) => inum)).toEqual(
        expect.arrayContaining(zoo.filter(isListedByLsns).map(({ inum }) => inum)),
      )
      const shared = new Set(NS_TYPE_NAMES.map((type) => inumOf('self', type)))
      for (const [inum, { type, processes, pid, parent, owner }] of steady) {
        const row = rowFor(document, { type, inum })
        expect({ parent: row.parent?.inum ?? 0, owner: row.owner?.inum ?? 0 }).toEqual({
          parent,
          owner,
        })
        // Each of the two counts itself, but not the other.
        if (shared.has(inum)) continue
        expect(row).toMatchObject({ holderCounts: { process: processes }, inferred: [] })
        if (processes === 1) expect(row.leader?.pid).toBe(pid)
      }
    },
  )

  test('shows the user of a process whose files belong to root', async () => {
    const held = await holdAs(UID, 'nondumpable')
    const { leader } = rowFor(await listDocument(how), held)
    expect(leader).toMatchObject({ pid: held.pid, uid: UID })
  })

  test
    .runIf(requireCommand('bwrap') && requireCommand('runc') && requireFile('/bin/busybox'))
    .each([
      ['bubblewrap', () => startBwrap(), 0],
      ['bubblewrap of a user', () => startBwrap({ uid: UID }), UID],
      ['runc', () => startRunc(), 0],
      ['runc with a user namespace', () => startRunc({ rootUid: 100_000 }), 100_000],
    ])('shows a container of %s', async (_, start, uid) => {
    const container = await start()
    containers.push(container)
    const document = await listDocument(how)
    const own = NS_TYPE_NAMES.filter((type) => inumOf(container.pid, type) !== inumOf('self', type))
    expect(own).toEqual(expect.arrayContaining(['mnt', 'net', 'pid', 'uts', 'ipc']))
    for (const type of own) {
      const inum = inumOf(container.pid, type)
      expect(rowFor(document, { type, inum })).toMatchObject({
        leader: { pid: container.pid, uid, args: argsOf(container.pid) },
        holderCounts: { process: membersOf(type, inum).length },
      })
      expect(effectiveUidOf(container.pid)).toBe(uid)
    }
    // What a container makes in its user namespace belongs to that.
    const user = inumOf(container.pid, 'user')
    const uts = rowFor(document, { type: 'uts', inum: inumOf(container.pid, 'uts') })
    expect(uts.owner?.inum).toBe(user)
  })

  test.each(['tcp', 'unix'])('gives the id that a %s socket has as cookie', async (family) => {
    const socket = await hold('socket', family)
    const { id } = rowFor(await listDocument(), socket)
    // The kernel has cookies since 5.14, ids since 6.18.
    if (id !== null) expect(id).toBe(socket.cookie)
  })
})

describe.runIf(canHold)('list without its addon', () => {
  test('says so in one line, and still finds what processes are in', async () => {
    const root = copyPackage({ addon: false })
    const zoo = await holdProcesses()
    const { stdout, stderr, code } = await runNsx(['list', '--json'], { root })
    expect(code).toBe(0)
    expect(stderr).toMatch(/^nsx: the addon could not be loaded .*\n$/)
    const document = JSON.parse(stdout)
    for (const held of zoo) {
      expect(rowFor(document, held)).toMatchObject({
        leader: { pid: held.pid, uid: UID },
        owner: null,
        unknown: expect.arrayContaining(['id', 'owner']),
      })
    }
    expect(document.coverage.complete).toBe(false)
    expect(await runNsx(['list', '--strict'], { root })).toMatchObject({ code: 5 })
  })
})

function holdProcesses(): Promise<Held[]> {
  return Promise.all(NS_TYPE_NAMES.map((type) => holdAs(UID, 'process', type)))
}

/** lsns 2.38 does not list namespaces without processes. */
function isListedByLsns({ holder }: Held): boolean {
  return holder === 'process'
}

interface LsnsFacts {
  readonly type: string
  readonly processes: number
  readonly pid: number
  /** 0: none. */
  readonly parent: number
  readonly owner: number
}

function readLsns(): Map<number, LsnsFacts> {
  return new Map(
    lsnsColumns('NS', 'TYPE', 'NPROCS', 'PID', 'PNS', 'ONS').map(
      ([inum, type = '', ...numbers]) => {
        const [processes = 0, pid = 0, parent = 0, owner = 0] = numbers.map(Number)
        return [Number(inum), { type, processes, pid, parent, owner }]
      },
    ),
  )
}

function same(a: LsnsFacts, b: LsnsFacts | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
