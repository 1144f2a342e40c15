import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { faultsOf } from '../support/schemas.ts'
import { CALLERS } from './support/callers.ts'
import {
  casesInside,
  casesOf,
  type LimitsCase,
  mistakeOf,
  prepareLimitsDriver,
  startShell,
} from './support/limits-cases.ts'
import { commandPath, requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { randomOf } from './support/random.ts'

const able =
  requireRoot() &&
  requireAddon() &&
  ['unshare', 'setpriv', 'prlimit', 'chroot', 'mount'].every(requireCommand)

const SEED = Number(process.env.NSX_LIMITS_SEED ?? 20_261_125)

let folder: string | null = null

afterEach(() => {
  if (folder !== null) rmSync(folder, { recursive: true })
  folder = null
})

/** @returns of how many it was said that they work, or fail */
function expectForetold(cases: readonly LimitsCase[]): { works: number; fails: number } {
  const count = (test: (one: LimitsCase) => boolean) => cases.filter(test).length
  const works = count(({ foreseen, errno }) => foreseen.outcome === 'works' && errno === null)
  const fails = count(({ foreseen }) => foreseen.outcome === 'fails')
  const unknown = count(({ foreseen }) => foreseen.outcome === 'unknown')
  process.stderr.write(
    `seed ${SEED}: ${cases.length} cases: ${works} work and ${fails} fail as foretold, ` +
      `${unknown} could not be foretold, ${cases.length - works - fails - unknown} failed by what was out of sight\n`,
  )
  if (process.env.NSX_LIMITS_UNKNOWN) {
    for (const { name, foreseen, errno } of cases) {
      if (foreseen.outcome !== 'unknown' && (foreseen.outcome !== 'works' || errno === null))
        continue
      process.stderr.write(`? ${name}: ${foreseen.flags}: ${foreseen.why}: ${errno}\n`)
    }
  }
  expect(cases.map(mistakeOf).filter((mistake) => mistake !== null)).toEqual([])
  expect(unknown / cases.length).toBeLessThan(0.1)
  return { works, fails }
}

describe.runIf(able)('limits', () => {
  test('foretells what limits of 0 to 3 do, asked inside of them', {
    timeout: 240_000,
  }, async () => {
    const random = randomOf(SEED)
    const driver = prepareLimitsDriver()
    const cases: LimitsCase[] = []
    for (let i = 0; i < 30; i++) cases.push(...(await casesInside(driver, random)))
    const { works, fails } = expectForetold(cases)
    expect(cases.length).toBeGreaterThanOrEqual(100)
    expect(Math.min(works, fails)).toBeGreaterThan(20)
  })

  test('foretells what anybody may do, asked from outside', { timeout: 240_000 }, async () => {
    const random = randomOf(SEED)
    folder = mkdtempSync(join(tmpdir(), 'nsx-limits-'))
    chmodSync(folder, 0o755)
    const cases: LimitsCase[] = []
    for (const { name, via } of CALLERS) {
      const shell = await startShell(via, folder)
      cases.push(...(await casesOf(name, shell, { random, most: 3 })))
      await shell.end()
    }
    const { works, fails } = expectForetold(cases)
    expect(cases.length).toBeGreaterThanOrEqual(100)
    expect(Math.min(works, fails)).toBeGreaterThan(20)
  })

  test('says what nsx run would say, in a document and in words', async () => {
    const script =
      'unshare -n sleep 60 & held=$!; sleep 0.3; echo 1 > /proc/sys/user/max_net_namespaces; ' +
      '"$@"; code=$?; kill $held; exit $code'
    const via = [commandPath('unshare'), '-U', '-r', '/bin/sh', '-c', script, 'sh']
    const how = { via, env: { PATH: '/usr/bin:/bin' } }
    const asked = await runNsx(['limits', '--json'], how)
    expect(asked.code).toBe(0)
    const document = JSON.parse(asked.stdout)
    expect(faultsOf('limits', document)).toEqual([])
    const told = document.runs.find(({ flags }: { flags: string }) => flags === '-n')
    expect(told).toMatchObject({ outcome: 'fails', errno: 'ENOSPC' })
    const [, rest] = told.why.split(/user:\[\d+\]/)
    expect(rest).toBe(', and uid 0 has 1 network namespace there')
    const dry = await runNsx(['run', '-n', '--dry-run', '--json', '--', '/bin/true'], how)
    expect(dry.code).toBe(125)
    const { outcome, errno, why, hint } = JSON.parse(dry.stdout).steps[0]
    expect({ outcome, errno, hint }).toEqual({
      ...{ outcome: told.outcome, errno: told.errno, hint: told.hint },
    })
    expect(why).toContain(rest)
  })

  test.each([
    ['user', 33, '-U', 'unshare -U -r'],
    ['PID', 32, '-p', 'unshare -p -f'],
  ])(
    'foretells how deep %s namespaces may be nested',
    async (_, deepest, flag, step) => {
      const nest = `n=$1; shift; [ $n = 0 ] && exec "$@"; exec ${step} sh -c "$0" "$0" $((n - 1)) "$@"`
      const cases: LimitsCase[] = []
      for (const depth of [1, deepest - 1, deepest]) {
        const shell = await startShell(['sh', '-c', nest, nest, String(depth)])
        const random = randomOf(SEED)
        cases.push(...(await casesOf(`${depth}`, shell, { random, most: 1, only: [flag] })))
        await shell.end()
      }
      expect(expectForetold(cases)).toEqual({ works: 2, fails: 1 })
      expect(cases.at(-1)).toMatchObject({ errno: 'ENOSPC', foreseen: { outcome: 'fails' } })
    },
    60_000,
  )
})
