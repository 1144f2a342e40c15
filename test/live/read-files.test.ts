import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { PROJECT, until, watch } from './support/children.ts'
import { requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { hold, releaseAll } from './support/zoo.ts'

const canHold = requireRoot() && requireCommand('cc') && requireFile('/dev/fuse')

afterEach(releaseAll)

interface Run {
  readonly answers: readonly string[]
  /** Until the answers were there, and until Node had ended. */
  readonly readMs: number
  readonly totalMs: number
  readonly stderr: string
}

/** Reads files in a Node of its own, which ends by itself. `before` is run there first. */
async function readInNode(
  files: readonly (readonly [root: string, path: string])[],
  before = '',
): Promise<Run> {
  const begin = performance.now()
  const asked = files.map(([root, path]) => ({ root, path, limit: 1000 }))
  const script = `
    const { loadAddon } = await import(${JSON.stringify(`${PROJECT}dist/host/addon.js`)})
    const { fileReader } = await import(${JSON.stringify(`${PROJECT}dist/host/read-files.js`)})
    const { addon } = loadAddon(${JSON.stringify(PROJECT)})
    ${before}
    const begin = performance.now()
    const read = await fileReader(addon, ${JSON.stringify(PROJECT)})(${JSON.stringify(asked)})
    const answers = read.map((each) => each.bytes ? Buffer.from(each.bytes).toString() : each)
    console.log(JSON.stringify({ answers, readMs: performance.now() - begin }))`
  const args = ['--input-type=module', '--eval', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const watched = watch(child)
  await watched.end
  const totalMs = performance.now() - begin
  const said = watched.stdout() || '{"answers":[],"readMs":0}'
  return { ...JSON.parse(said), totalMs, stderr: watched.stderr() }
}

/** Those that were abandoned and are still there. */
function abandoned(): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const status = readFileSync(`/proc/${name}/stat`, 'latin1')
      return /\(nsx-read\) [^Z]/.test(status) ? Number(name) : []
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ESRCH') return []
      throw error
    }
  })
}

describe.runIf(canHold).each([
  ['is deaf', 'fuse'],
  ['takes requests and answers none', 'fuse-mute'],
])('a file system whose server %s', (_, holder) => {
  test('costs a second, once, and the other files are read', async () => {
    const held = await hold(holder)
    expect(held.hangs).toBe(true)
    const root = `/proc/${held.server}/root`
    const { answers, readMs, totalMs } = await readInNode([
      [root, 'etc/hostname'],
      [root, 'tmp/silent'],
      [root, 'etc/hostname'],
      ['/', 'etc/hostname'],
    ])
    const hostname = readFileSync('/etc/hostname', 'utf8')
    expect(answers).toEqual([hostname, 'ETIMEDOUT', hostname, hostname])
    expect(readMs).toBeLessThan(2000)
    // Node itself does not wait for who hangs.
    expect(totalMs).toBeLessThan(3000)
    await held.release()
    await until('the abandoned children end', () => (abandoned().length === 0 ? true : null))
  })

  test('costs three seconds at the most', async () => {
    const held = await hold(holder)
    const root = `/proc/${held.server}/root`
    const files = Array.from({ length: 50 }, (_, i) => [root, `tmp/silent-${i}`] as const)
    const { answers, totalMs } = await readInNode([...files, ['/', 'etc/hostname']])
    expect(new Set(answers)).toEqual(new Set(['ETIMEDOUT']))
    expect(totalMs).toBeLessThan(5000)
    await held.release()
    await until('the abandoned children end', () => (abandoned().length === 0 ? true : null))
  })
})

test('where our descriptors run out, nothing is read and the reason is said', async () => {
  const exhaust = `
    const { openSync } = await import('node:fs')
    try { for (;;) openSync('/dev/null') } catch (error) { if (error.code !== 'EMFILE') throw error }`
  const { answers, stderr } = await readInNode([['/', 'etc/hostname']], exhaust)
  expect(answers).toEqual([])
  expect(stderr).toContain('reading files of other roots stopped: too many open files (EMFILE)')
})
