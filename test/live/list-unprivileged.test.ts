import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { endByStdin, until, watch } from './support/children.ts'
import { ENGINES, holdersOf, type ListDocument, listDocument, rowFor } from './support/list.ts'
import { commandPath, requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { attempt, effectiveUidOf, inumOf, pids } from './support/proc.ts'
import { type Held, hold, holdAs, releaseAll } from './support/zoo.ts'

const UID = 12_345
const canHold = requireRoot() && requireCommand('cc') && requireAddon()
const asUser = { uid: UID }

/** Where a process ends while it is looked at, the numbers cannot be compared: then once more. */
const AGAIN = { retry: 3 }

afterEach(releaseAll)

describe.runIf(canHold).each(ENGINES)('list with $engine by an ordinary user', ({ how }) => {
  test('shows their own process in a namespace of each type', async () => {
    const zoo = await Promise.all(NS_TYPE_NAMES.map((type) => holdAs(UID, 'process', type)))
    const document = await listDocument(how, asUser)
    for (const held of zoo) {
      const row = rowFor(document, held)
      expect(row).toMatchObject({ leader: { pid: held.pid, uid: UID }, unknown: [] })
      expect(row.holderCounts.process).toBe(1)
      expect(row.owner?.inum).toBe(inumOf('self', 'user'))
      // Some processes could not be read: they may be in here too, or hold it.
      expect(row.atLeast).toContain('holderCounts.descriptor')
      // Of net and mnt it can be told, unless there is a zombie.
      if (held.type !== 'net' && held.type !== 'mnt') {
        expect(row.atLeast).toContain('holderCounts.process')
      }
    }
  })

  test.runIf(requireCommand('nsenter')).each(['net', 'mnt'])(
    'infers that a process of root is in a %s namespace',
    async (type) => {
      const held = await holdAs(UID, 'process', type)
      await startNeighbour(held)
      const seen = rowFor(await listDocument(how, asUser), held)
      const real = rowFor(await listDocument(how), held)
      expect(real).toMatchObject({ holderCounts: { process: 2 }, inferred: [] })
      expect(seen).toMatchObject({
        holderCounts: { process: 2 },
        inferred: ['holderCounts.process'],
        leader: { pid: held.pid },
      })
      const { stdout } = await runNsx(
        ['list', '-n', '-o', 'NPROCS', ...how, String(held.inum)],
        asUser,
      )
      expect(stdout.trim()).toMatch(/^2[~+]$/)
    },
  )

  test.each(['net', 'mnt'] as const)('counts %s namespaces out of sight', AGAIN, async (type) => {
    const before = await listDocument(how, asUser)
    // A process out of sight may be in one that is listed without any: one more than there are.
    const empty = before.namespaces.filter(
      (row) => row.type === type && row.holderCounts.process === 0,
    )
    const zoo = [await hold('process', type)]
    for (const _ of empty) zoo.push(await hold('process', type))
    const { namespaces, coverage } = await listDocument(how, asUser)
    const listed = namespaces.map(({ inum }) => inum)
    for (const { inum } of zoo) expect(listed).not.toContain(inum)
    expect(coverage.unidentified[type]).toBeGreaterThan(before.coverage.unidentified[type] ?? 0)
  })

  test('says in one line what was not readable, and what would help', AGAIN, async () => {
    const args = ['list', ...how]
    const before = countForeign()
    const { stderr, code } = await runNsx(args, asUser)
    expect(stderr).toMatch(
      /^nsx: \d+ processes could not be read: permission denied \(EACCES\); .*sudo nsx\n$/,
    )
    expect(code).toBe(0)
    // Kernel threads come and go.
    const counts = [before, countForeign()]
    const told = Number(/\d+/.exec(stderr)?.[0])
    expect(told).toBeGreaterThanOrEqual(Math.min(...counts))
    expect(told).toBeLessThanOrEqual(Math.max(...counts))
    expect(await runNsx([...args, '--strict'], asUser)).toMatchObject({ code: 5 })
  })

  test("refuses to tell the namespaces of root's process, with a hint", async () => {
    const held = await hold('process', 'uts')
    const args = ['list', '-p', String(held.pid), ...how]
    const { stdout, stderr, code } = await runNsx(args, asUser)
    expect({ stdout, code }).toEqual({ stdout: '', code: 4 })
    expect(stderr).toMatch(
      /^nsx: the namespaces of process \d+ cannot be read: .*\n {2}.*sudo.*\n$/,
    )
    const json = await runNsx([...args, '--json'], asUser)
    expect(json).toMatchObject({ stderr: '', code: 4 })
    expect(JSON.parse(json.stdout).error).toMatchObject({ errno: 'EACCES', exitCode: 4 })
  })

  test('describes a bind mount and whom it belongs to', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nsx-mount-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    chmodSync(folder, 0o755)
    const held = await hold('mount', 'uts', `${folder}/pin`)
    const row = rowFor(await listDocument(how, asUser), held)
    expect(holdersOf(row)).toEqual([`mount ${folder}/pin`])
    expect(row).toMatchObject({ owner: { inum: inumOf('self', 'user') }, unknown: [] })
  })

  test('keeps a bind mount on a path that they may not go', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nsx-mount-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const held = await hold('mount', 'uts', `${folder}/pin`)
    const row = rowFor(await listDocument(how, asUser), held)
    expect(holdersOf(row)).toEqual([`mount ${folder}/pin`])
    expect(row).toMatchObject({ owner: null, id: null, unknown: ['id', 'owner'] })
  })

  test('describes a user namespace of their own, and the one around it', async () => {
    const held = await holdAs(UID, 'ancestor')
    const document = await listDocument(how, asUser)
    const outer = rowFor(document, held)
    expect(outer).toMatchObject({ ownerUid: UID, unknown: [] })
    expect(outer.parent?.inum).toBe(inumOf('self', 'user'))
    const inner = rowFor(document, { type: 'user', inum: held.inner })
    expect(inner).toMatchObject({ leader: { pid: held.pid }, unknown: [] })
    expect([inner.parent?.inum, inner.owner?.inum]).toEqual([held.inum, held.inum])
  })

  test.runIf(requireCommand('nsenter'))('names the owner unknown where it is outside', async () => {
    const held = await holdAs(UID, 'process', 'user')
    const via = [
      ...[commandPath('nsenter'), `--user=/proc/${held.pid}/ns/user`, '--preserve-credentials'],
      '--',
    ]
    const document = await listDocument(how, { ...asUser, via })
    expect(rowFor(document, held)).toMatchObject({ owner: null, parent: null })
    expect(rowFor(document, held).unknown).toEqual(expect.arrayContaining(['owner', 'parent']))
    const uts = rowFor(document, { type: 'uts', inum: inumOf('self', 'uts') })
    expect(uts).toMatchObject({ owner: null })
    expect(uts.unknown).toContain('owner')
  })
})

describe.runIf(canHold)('list by an ordinary user', () => {
  test('has a gap where a socket of their own may not be asked', async () => {
    const held = await holdAs(UID, 'socket', 'tcp')
    const document = await listDocument([], asUser)
    expect(document.namespaces.map(({ inum }) => inum)).not.toContain(held.inum)
    expect(gapPids(document, 'sockets', 'EPERM')).toContain(held.pid)
    const net = rowFor(document, { type: 'net', inum: inumOf('self', 'net') })
    expect(net.atLeast).toContain('holderCounts.socket')
  })

  test('needs neither a name nor a home of theirs', async () => {
    for (const args of [[], ['list'], ['list', '--bogus'], ['help', 'list']]) {
      const { code, stderr } = await runNsx(args, asUser)
      expect(code, stderr).not.toBe(70)
    }
  })
})

/** A process of root in the namespace. */
async function startNeighbour({ pid, type, inum }: Held): Promise<void> {
  const args = [`--${type === 'mnt' ? 'mount' : type}=/proc/${pid}/ns/${type}`, commandPath('cat')]
  const child = spawn(commandPath('nsenter'), args, { stdio: ['pipe', 'ignore', 'ignore'] })
  const watched = watch(child)
  onTestFinished(async () => {
    await endByStdin(child, watched)
  })
  const there = () => attempt(() => inumOf(child.pid as number, type as string)) === inum
  await until('the neighbour', () => (there() ? true : null))
}

function gapPids({ coverage }: ListDocument, source: string, errno: string): readonly number[] {
  return coverage.gaps.find((gap) => gap.source === source && gap.errno === errno)?.pids ?? []
}

/** Processes that are not the user's. */
function countForeign(): number {
  return pids().filter((pid) => (attempt(() => effectiveUidOf(pid)) ?? UID) !== UID).length
}
