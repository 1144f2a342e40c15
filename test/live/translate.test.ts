import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faultsOf } from '../support/schemas.ts'
import { endByStdin, until, watch } from './support/children.ts'
import { UID } from './support/foreign.ts'
import { EFFECTIVE, type Levels, REAL, SAVED, startLevels } from './support/levels.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { type NsxOptions, runNsx } from './support/nsx.ts'
import { commOf, effectiveUidOf, inumOf } from './support/proc.ts'
import { endUnshared, unshared } from './support/unshared.ts'

const canHold = requireRoot() && requireCommand('python3') && requireCommand('unshare')
const TYPESCRIPT = ['--procfs', '/proc/']

async function ask(words: readonly string[], options: NsxOptions = {}) {
  const { stdout, stderr, code } = await runNsx([...words, '--json'], options)
  expect(`${stderr} ${code}`).toMatch(/ 0$/)
  const document = JSON.parse(stdout)
  expect(faultsOf(words[0] === 'pid' ? 'pid' : 'id', document)).toEqual([])
  return document
}

/** The numbers that a script would get. */
async function quiet(...words: string[]): Promise<string> {
  const { stdout, code } = await runNsx([...words, '-q'])
  return code === 0 ? stdout : `${stdout}exit ${code}`
}

/** The uid of a process that takes on an id inside; null: the kernel does not let it. */
async function seenFromOutside(pid: number, id: string): Promise<number | null> {
  const inside = ['-t', String(pid), '-U', '-S', '0', '-G', '0']
  const set = ['setpriv', `--reuid=${id}`, '--clear-groups', 'cat']
  const child = spawn('nsenter', [...inside, ...set], { stdio: ['pipe', 'ignore', 'pipe'] })
  const watched = watch(child)
  const is = () => commOf(child.pid as number) === 'cat' || null
  const there = await until('cat', () => (watched.over() ? false : is()))
  const uid = there ? effectiveUidOf(child.pid as number) : null
  await endByStdin(child, watched)
  if (!there) expect(watched.stderr()).toContain('Invalid argument')
  return uid
}

describe.runIf(canHold)('a process two levels down', () => {
  let levels: Levels
  beforeAll(async () => {
    levels = await startLevels([5, 9])
  })
  afterAll(async () => {
    await levels?.stop()
    await endUnshared()
  })

  test.each([[[]], [TYPESCRIPT]])(
    'has the pids that the kernel tells each level %j',
    async (more) => {
      const { pid, middle, seen } = levels
      const [row] = (await ask(['pid', String(pid), ...more])).pids
      expect(row.levels.map((level: { pid: number }) => level.pid)).toEqual(seen.map((s) => s.pid))
      const inums = row.levels.map((level: { ns: { inum: number } }) => level.ns.inum)
      expect(inums).toEqual([inumOf('self', 'pid'), inumOf(middle, 'pid'), inumOf(pid, 'pid')])
      expect(row.levels[1].init).not.toBe(null)
      expect(seen[1]?.pid).toBeGreaterThan(5)
      expect(seen[2]?.pid).toBeGreaterThan(9)
    },
  )

  test('is found by what each of them calls it, and called so', async () => {
    const { pid, middle, seen } = levels
    const [, between, own] = seen
    expect(await quiet('pid', `${between?.pid}@${middle}`)).toBe(`${pid}\n`)
    expect(await quiet('pid', `${own?.pid}@${pid}`)).toBe(`${pid}\n`)
    const inum = inumOf(middle, 'pid')
    expect(await quiet('pid', `${between?.pid}@pid:[${inum}]`)).toBe(`${pid}\n`)
    expect(await quiet('pid', `${between?.pid}@/proc/${middle}/ns/pid`)).toBe(`${pid}\n`)
    for (const more of [[], TYPESCRIPT]) {
      expect(await quiet('pid', String(pid), '--in', String(middle), ...more)).toBe(
        `${between?.pid}\n`,
      )
      expect(await quiet('pid', String(pid), '--in', String(pid), ...more)).toBe(`${own?.pid}\n`)
      expect(await quiet('pid', String(pid), '--in', 'self', ...more)).toBe(`${pid}\n`)
      expect(await quiet('pid', String(process.pid), '--in', String(middle), ...more)).toBe(
        'exit 3',
      )
    }
    expect(await quiet('pid', String(middle), '--in', String(pid))).toBe('exit 3')
  })

  test.each(['uid', 'gid'] as const)(
    'has the %ss that the kernel tells each level',
    async (kind) => {
      const { pid, middle, seen } = levels
      const { ids } = await ask([kind, String(pid)])
      const real = ids.find((row: { roles: string[] }) => row.roles.includes('real'))
      expect(real.levels.map((level: { id: number }) => level.id)).toEqual(seen.map((s) => s[kind]))
      const inums = real.levels.map((level: { ns: { inum: number } }) => level.ns.inum)
      expect(inums).toEqual(['self', middle, pid].map((each) => inumOf(each as number, 'user')))
      const numbers = ids.map((row: { roles: string[]; levels: { id: number }[] }) => [
        ...[row.roles.join(), row.levels.at(-1)?.id],
      ])
      expect(numbers).toEqual([
        ['effective,fs', EFFECTIVE],
        ['real', REAL],
        ['saved', SAVED],
      ])
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      const line = new RegExp(`^${kind === 'uid' ? 'Uid' : 'Gid'}:\\t(\\d+)\\t(\\d+)\\t(\\d+)`, 'm')
      const [, r, e, s] = (line.exec(status) ?? []).map(Number)
      expect(ids.map((row: { id: number }) => row.id)).toEqual([e, r, s])
    },
  )

  test('translates every id as a process with that id is seen from outside', async () => {
    const { pid } = levels
    for (const id of ['0', '3', '9', '10', '99', '100', '101', '65534']) {
      const seen = await seenFromOutside(pid, id)
      const [row] = (await ask(['uid', `${id}@${pid}`])).ids
      expect(row).toMatchObject({ id: seen, unknown: [] })
      if (seen === null) continue
      expect(await quiet('uid', String(seen), '--in', String(pid))).toBe(`${id}\n`)
    }
  })

  test('is not mapped where no line holds the id, and says so', async () => {
    const { pid, middle } = levels
    expect(await quiet('uid', `10@${pid}`)).toBe('exit 3')
    expect(await quiet('uid', `10@${middle}`)).toBe('100010\n')
    expect(await quiet('uid', `10@${middle}`, '--in', String(pid))).toBe('0\n')
    expect(await quiet('uid', `100@${pid}`, '--in', String(middle))).toBe('500\n')
    expect(await quiet('uid', 'root', '--in', String(pid))).toBe('exit 3')
    const { stdout, code } = await runNsx(['uid', `10@${pid}`])
    expect(code).toBe(0)
    expect(stdout).toContain(`uid 10 of ${pid} is not mapped`)
    const asked = await runNsx(['uid', '0', '--in', String(pid)])
    expect(asked.stdout).toContain(`uid 0 has no uid in ${pid}: its files show as 65534`)
  })

  test('is translated for an ordinary user as far as the kernel shows it', async () => {
    const { pid, seen } = levels
    const [row] = (await ask(['pid', String(pid)], { uid: UID })).pids
    expect(row.levels.map((level: { pid: number }) => level.pid)).toEqual(seen.map((s) => s.pid))
    expect(row.levels[2].unknown).toEqual(['ns', 'init', 'container'])
    const { ids } = await ask(['uid', `${REAL}@${pid}`], { uid: UID })
    expect(ids[0]).toMatchObject({ id: seen[0]?.uid, unknown: ['levels'] })
  })

  test('is translated from inside of another user namespace as far as that is told', async () => {
    const { pid, seen } = levels
    const via = ['/usr/bin/unshare', '-U']
    const { ids } = await ask(['uid', `${REAL}@${pid}`, String(pid)], { via })
    expect(ids[0]).toMatchObject({ id: null })
    expect(ids[0].unknown).toContain('id')
    for (const row of ids) expect(row.id).not.toBe(seen[0]?.uid)
    const own = await ask(['uid', 'self'], { via })
    expect(own.ids[0]).toMatchObject({ id: null, unknown: ['id', 'grants'] })
  })

  test('is one of ours where nothing is new', async () => {
    const { ids } = await ask(['uid', 'self', '0@self'])
    expect(ids).toMatchObject([
      { id: 0, roles: ['real', 'effective', 'saved', 'fs'], levels: [{ level: 0, name: 'root' }] },
      { id: 0, roles: [], levels: [{ level: 0, name: 'root' }] },
    ])
    const held = await unshared('-p', '--fork')
    expect(await quiet('pid', `1@${held.pid}`)).toBe(`${held.pid}\n`)
    expect(await quiet('pid', '--in', String(held.pid), String(held.pid))).toBe('1\n')
  })
})

describe.runIf(canHold && requireAddon())('a question that cannot be meant so', () => {
  test.each([
    [['pid'], 2, 'TARGET is missing'],
    [['pid', '7@'], 2, "'7@' does not say where"],
    [['pid', '@web'], 2, "'@web': nothing is no pid"],
    [['pid', '0@self'], 2, "'0@self': 0 is no pid"],
    [['pid', '4194304'], 3, 'there is no process 4194304'],
    [['pid', '4000000@self'], 3, 'self sees no process 4000000'],
    [['pid', 'no-such-thing'], 3, 'no-such-thing'],
    [['pid', '7@no-such-thing'], 3, 'no-such-thing'],
    [['pid', '/proc/self/ns/pid'], 2, '/proc/self/ns/pid is a namespace, which has no pid'],
    [['pid', '1@/proc/self/ns/net'], 2, 'is a namespace of type net: it gives no pids'],
    [['pid', '--in', '/proc/self/ns/uts', 'self'], 2, 'is a namespace of type uts'],
    [['pid', '--in', '', 'self'], 2, "''"],
    [['pid', '1@/etc/passwd'], 3, 'it is not a namespace file'],
    [['uid'], 2, 'UID is missing'],
    [['gid'], 2, 'GID is missing'],
    [['uid', '4294967295@self'], 2, '4294967295 is no uid'],
    [['uid', '1000@'], 2, "'1000@' does not say where"],
    [['uid', '1000@/proc/self/ns/net'], 2, 'is a namespace of type net: it has no ids'],
    [['uid', '/proc/self/ns/user'], 2, 'which id is meant?'],
    [['uid', '--in', 'self', 'no-such-user'], 3, 'there is no uid no-such-user'],
    [['gid', '--in', 'self', 'a b'], 2, "'a b' is neither a gid nor a name"],
    [['uid', '--in', '4194304', '0'], 3, 'there is no process 4194304'],
    [['caps', 'self'], 2, 'NS is missing'],
    [['caps', '/proc/self/ns/net', 'self'], 2, 'it has no capabilities'],
    [['caps', '-t', 'net', 'self', '/proc/self/ns/uts'], 2, 'is of type uts'],
    [['caps', '-t', 'nett', 'self', 'self'], 2, 'nett'],
    [['caps', 'self', '4194304'], 3, 'there is no process 4194304'],
  ])('%j', async (words, code, message) => {
    const result = await runNsx(words)
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr.split('\n').length).toBeLessThanOrEqual(3)
    expect(result.stderr).toContain(message)
    const document = await runNsx([...words, '--json'])
    expect(faultsOf('error', JSON.parse(document.stdout))).toEqual([])
    expect(document.code).toBe(code)
  })
})
