import { readFileSync, statSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { diffOf, failure, showNamespace } from './support/documents.ts'
import { AS_USER, foreign, UID } from './support/foreign.ts'
import { lsnsColumns } from './support/lsns.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { effectiveUidOf, membersOf } from './support/proc.ts'
import { startPython } from './support/python.ts'
import { endUnshared, inumOf, unshared } from './support/unshared.ts'
import { hold, releaseAll } from './support/zoo.ts'

const able =
  requireRoot() &&
  requireAddon() &&
  ['cc', 'unshare', 'setpriv', 'lsns', 'python3'].every(requireCommand)

afterEach(async () => {
  await endUnshared()
  await releaseAll()
})

/** A network namespace without a process, whose only mount is in a mount namespace that is not ours. */
const MOUNTED_ELSEWHERE = `
NEWNS, NEWNET, REC, PRIVATE, BIND = 0x20000, 0x40000000, 0x4000, 0x40000, 0x1000
call('unshare', NEWNS)
call('mount', b'none', b'/', None, REC | PRIVATE, None)
call('mount', b'none', b'/mnt', b'tmpfs', 0, None)
open('/mnt/x', 'w').close()
if os.fork() == 0:
    call('unshare', NEWNET)
    call('mount', b'/proc/self/ns/net', b'/mnt/x', None, BIND, None)
    os._exit(0)
if os.wait()[1] != 0: raise OSError('it was not mounted')
`

function parentOf(pid: number): number {
  return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

describe.runIf(able)('show, of a namespace', () => {
  test('has its members, those first whose parents are elsewhere', async () => {
    const { pid } = await foreign('-u')
    const family = `enter(sys.argv[1])
for i in range(3):
    if os.fork() == 0: wait(); os._exit(0)`
    const others = [await startPython(family, `/proc/${pid}/ns/uts`)]
    others.push(await startPython('enter(sys.argv[1])', `/proc/${pid}/ns/uts`))
    const inum = inumOf(pid, 'uts')
    const members = membersOf('uts', inum)
    expect(members).toHaveLength(6)
    const below = (one: number) => Number(members.includes(parentOf(one)))
    const { namespace } = await showNamespace(inum)
    expect(namespace.members.map((member) => member.pid)).toEqual(
      members.sort((a, b) => below(a) - below(b) || a - b),
    )
    for (const member of namespace.members) {
      expect(member.ppid).toBe(parentOf(member.pid))
      expect(member.uid).toBe(effectiveUidOf(member.pid))
    }
    expect(namespace.leader?.pid).toBe(pid)
    expect(namespace.holderCounts.process).toBe(6)
    expect(namespace.owner?.inum).toBe(inumOf(process.pid, 'user'))
  })

  test('has the children and the possessions that lsns(8) knows', async () => {
    const flags = ['-U', '-r', '-p', '-u', '--fork'] as const
    const { pid } = await unshared(...AS_USER, 'unshare', ...flags)
    const join = ['nsenter', '-t', String(pid), '-U', '-p']
    for (const more of [['-n'], ['-i', '-C']]) {
      await unshared(...join, 'unshare', ...flags, ...more)
      await unshared(...join, 'unshare', ...more)
    }
    const user = inumOf(pid, 'user')
    const rows = lsnsColumns('NS', 'TYPE', 'PNS', 'ONS')
    const { namespace } = await showNamespace(user)
    const ofType = (type: string, column: 2 | 3) =>
      rows
        .filter((row) => row[1] === type && row[column] === String(user))
        .map(([ns]) => Number(ns))
    expect(namespace.children.map(({ inum }) => inum).sort()).toEqual(ofType('user', 2).sort())
    expect(namespace.children).toHaveLength(2)
    const counts = NS_TYPE_NAMES.map((type) => [type, ofType(type, 3).length] as const)
    expect(namespace.ownedCounts).toEqual(Object.fromEntries(counts.filter(([, n]) => n > 0)))
    expect(namespace.ownedCounts).toMatchObject({ net: 1, ipc: 1, cgroup: 1, pid: 1, uts: 1 })
    expect(namespace).toMatchObject({
      ownerUid: UID,
      parent: { inum: inumOf(process.pid, 'user') },
    })
    const inner = await showNamespace(inumOf(pid, 'pid'))
    expect(inner.namespace.children.map(({ inum }) => inum).sort()).toEqual(
      rows
        .filter(([, type, parent]) => type === 'pid' && parent === String(inumOf(pid, 'pid')))
        .map(([ns]) => Number(ns))
        .sort(),
    )
    expect(inner.namespace.children).toHaveLength(2)
    expect(inner.namespace.owner?.inum).toBe(user)
  })

  test('has the parent of one that is there for its child alone', async () => {
    const held = await hold('ancestor')
    const { namespace } = await showNamespace(held.inum)
    expect(namespace.members).toEqual([])
    expect(namespace.children).toMatchObject([{ type: 'user', inum: held.inner }])
    const inner = await showNamespace(held.inner ?? 0)
    expect(inner.namespace.parent?.inum).toBe(held.inum)
    expect(inner.namespace.members).toMatchObject([{ pid: held.pid }])
  })

  test('is told through its file where nothing that holds it is in sight', async () => {
    const pid = await startPython(MOUNTED_ELSEWHERE)
    const path = `/proc/${pid}/root/mnt/x`
    const { ino } = statSync(path)
    const { namespace } = await showNamespace(path)
    expect(namespace).toMatchObject({
      ...{ type: 'net', inum: ino, members: [], leader: null },
      ...{ owner: { inum: inumOf(process.pid, 'user') } },
      contents: { interfaces: [{ name: 'lo', flags: ['loopback'] }] },
    })
    expect(namespace.unknown).toContain('leader')
    const { types } = await diffOf([path, `/proc/${process.pid}/ns/net`], 1)
    expect(types.net).toMatchObject({ same: false, a: { inum: ino } })
    expect((await runNsx(['show', path])).stdout).toContain('nothing that was looked for')
  })

  test('is out of the sight of an ordinary user who may not look at its processes', async () => {
    const { pid } = await unshared('-u')
    const error = await failure(['show', `uts:[${inumOf(pid, 'uts')}]`], { uid: UID })
    expect(error).toMatchObject({ code: 'no-such-namespace', exitCode: 3 })
    expect(error.hint).toContain('out of sight')
  })
})
