import { spawnSync } from 'node:child_process'
import { afterEach, describe, expect, test } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { ENGINES, holdersOf, listDocument, rowFor } from './support/list.ts'
import {
  commandPath,
  requireAddon,
  requireCommand,
  requireFile,
  requireRoot,
} from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { argsOf, inumOf } from './support/proc.ts'
import { hold, holdAs, releaseAll } from './support/zoo.ts'

const UID = 12_345
const canHold = requireRoot() && requireCommand('cc') && requireAddon()

/** Acts on a terminal or misleads its reader; a newline ends a line of ours. */
const HARMFUL =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u

afterEach(releaseAll)

describe.runIf(canHold).each(ENGINES)('list with $engine', ({ how }) => {
  test.each([
    ['a newline', 'a\nb'],
    ['what looks like the rest of stat', ') Z 1 ('],
    ['escape sequences', '\u001b]0;x\u0007\u001b[2J'],
    ['a C1 control', '\u009b2J'],
    ['a bidi override', '\u202edne'],
    ['quotes and braces', '"}],\\"\'`$(id)'],
  ])('is not misled by a name with %s', async (_, comm) => {
    const held = await holdAs(UID, 'comm', comm)
    const { stdout, code } = await runNsx(['list', '--json', ...how])
    expect(code).toBe(0)
    expect(stdout).not.toMatch(HARMFUL)
    expect(rowFor(JSON.parse(stdout), held)).toMatchObject({
      holderCounts: { process: 1 },
      leader: { pid: held.pid, uid: UID, comm, args: argsOf(held.pid) },
      lossy: [],
    })
    // Its arguments have the same text.
    const text = await runNsx(['list', '-n', ...how, String(held.inum)])
    expect(text.stdout).not.toMatch(HARMFUL)
    expect(text.stdout.trimEnd().split('\n').length).toBe(1)
  })

  test('marks a name that was cut within a character', async () => {
    const held = await hold('comm', `${'a'.repeat(14)}\u202e`)
    const row = rowFor(await listDocument(how), held)
    expect(row.leader?.comm).toBe(`${'a'.repeat(14)}\ufffd`)
    expect(row.lossy).toEqual(['leader.comm'])
  })

  test('shows a long and hostile command line whole in a pipe, on one harmless line', async () => {
    const held = await holdAs(UID, 'cmdline', '80000')
    const { leader, lossy } = rowFor(await listDocument(how), held)
    expect(leader?.args).toEqual(argsOf(held.pid))
    expect(lossy).toEqual(['leader.args'])
    for (const args of [['-o', 'NS,COMMAND'], ['--raw'], ['--json']]) {
      const { stdout } = await runNsx(['list', '-t', 'uts', ...args, ...how])
      expect(stdout).not.toMatch(HARMFUL)
      const lines = stdout.split('\n').filter((line) => line.includes(String(held.inum)))
      expect(lines.length).toBe(1)
      expect(lines[0]?.length).toBeGreaterThan(80_000)
    }
  })

  test('cuts a huge command line in the document, and says so', async () => {
    const held = await hold('cmdline', '1000000')
    const { leader, lossy } = rowFor(await listDocument(how), held)
    const shown = Buffer.byteLength(leader?.args.join('\0') ?? '')
    expect(shown).toBeGreaterThan(100_000)
    expect(shown).toBeLessThan(1_000_000)
    expect(lossy).toEqual(['leader.args'])
  })

  test.runIf(requireFile('/dev/fuse'))('does not wait for a file that never answers', async () => {
    for (const uid of [0, UID]) {
      const held = await holdAs(uid, 'fuse')
      expect(held.hangs, 'stat(2) of the descriptor').toBe(true)
      const document = await listDocument(how, { timeout: 5000 })
      const row = rowFor(document, held)
      expect(row.leader?.pid).toBe(Math.min(held.pid, held.server as number))
    }
  })

  test.runIf(requireFile('/dev/fuse') && requireCommand('nsenter')).each(['uts', 'net'])(
    'does not wait on the way to a bind mount of a %s namespace',
    async (type) => {
      const held = await hold('fuse-mount', type)
      expect(held.hangs, 'stat(2) of the mount point').toBe(true)
      const via = [commandPath('nsenter'), `--mount=/proc/${held.pid}/ns/mnt`]
      const document = await listDocument(how, { via, timeout: 5000 })
      const row = rowFor(document, held)
      expect(holdersOf(row)).toEqual([`mount ${held.path}`])
      expect(row.holders[0]?.mountNamespace?.inum).toBe(inumOf(held.pid, 'mnt'))
      expect(row).toMatchObject({ id: null, owner: null, unknown: expect.arrayContaining(['id']) })
      expect(document.coverage.complete).toBe(false)
      expect(document.coverage.gaps).toContainEqual(
        expect.objectContaining({ source: 'relatives', errno: 'EAGAIN' }),
      )
    },
  )
})

describe.runIf(canHold && requireCommand('lsns'))('a newline in a name', () => {
  test('leaves lsns 2.38 with nothing to say, and nsx with everything', async () => {
    const zoo = await Promise.all(NS_TYPE_NAMES.map((type) => hold('process', type)))
    const held = await hold('comm', 'a\nb')
    const { stdout, status } = spawnSync(commandPath('lsns'), { encoding: 'utf8' })
    const version = spawnSync(commandPath('lsns'), ['--version'], { encoding: 'utf8' }).stdout
    // Why there is this test; a later lsns may know better.
    if (version.includes(' 2.38')) expect({ stdout, status }).toEqual({ stdout: '', status: 1 })
    const document = await listDocument()
    for (const each of [...zoo, held]) expect(rowFor(document, each).leader?.pid).toBe(each.pid)
  })
})
