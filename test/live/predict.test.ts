import { afterEach, describe, expect, test } from 'vitest'
import { CALLERS, UID_A } from './support/callers.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { foretold, mistakeOf, predictAs, preparePredictions } from './support/predict.ts'
import { enterLine, runLine } from './support/predict-lines.ts'
import { startTargets, type Targets } from './support/predict-targets.ts'
import { randomOf } from './support/random.ts'
import { endUnshared } from './support/unshared.ts'
import { releaseAll } from './support/zoo.ts'

const able =
  requireRoot() &&
  requireAddon() &&
  ['cc', 'unshare', 'setpriv', 'python3', 'prlimit', 'chroot', 'mount'].every(requireCommand)

/** Another seed, and thousands of lines, find what these do not: set them in the environment. */
const SEED = Number(process.env.NSX_PREDICT_SEED ?? 20_261_124)
/** Of each command, for each caller. */
const LINES = Number(process.env.NSX_PREDICT_LINES ?? 5)
const MINUTE = 60_000

afterEach(async () => {
  await endUnshared()
  await releaseAll()
})

/** What can be said of each, whoever says it: without what the driver alone has. */
function enterLines(count: number, { pids, files }: Targets): string[][] {
  const random = randomOf(SEED)
  const named = { pids: pids.filter((pid) => /^\d+$/.test(pid)), files }
  return Array.from({ length: count }, () => enterLine(random, named))
}

describe.runIf(able)('--dry-run', () => {
  test(
    'foretells what comes of it, whoever does what to whom',
    async () => {
      const random = randomOf(SEED)
      const targets = await startTargets()
      const place = preparePredictions()
      const predictions = []
      for (const caller of CALLERS) {
        const lines = Array.from({ length: LINES }, () => [
          enterLine(random, targets),
          runLine(random, { binds: caller.binds === true }),
        ]).flat()
        predictions.push(...(await predictAs(caller, lines, place)))
      }
      const planned = predictions.filter(({ thrown }) => thrown === undefined)
      const count = (what: ReturnType<typeof foretold>) =>
        planned.filter((prediction) => foretold(prediction) === what).length
      process.stderr.write(
        `seed ${SEED}: ${planned.length} plans, of which ${count('works')} would work, ` +
          `${count('fails')} would fail and ${count('unknown')} cannot be foreseen\n`,
      )
      const mistakes = predictions.flatMap((prediction) => {
        const mistake = mistakeOf(prediction)
        const line = `${prediction.caller}: nsx ${prediction.argv.join(' ')}`
        return mistake === null ? [] : [`${line}: ${mistake}`]
      })
      expect(mistakes).toEqual([])
      expect(planned.length).toBeGreaterThanOrEqual(200)
      for (const outcome of ['works', 'fails'] as const) {
        expect(count(outcome)).toBeGreaterThan(planned.length / 5)
      }
      expect(count('unknown') / planned.length).toBeLessThan(0.15)
    },
    3 * MINUTE + LINES * 5000,
  )

  test.each([
    ['root', {}],
    ['another user', { uid: UID_A }],
  ])('of %s ends with 125 where the command would', async (_, who) => {
    const targets = await startTargets()
    const answers = []
    for (const line of enterLines(8, targets)) {
      const [name = '', ...words] = line
      const dry = await runNsx([name, '--dry-run', ...words], who)
      const real = await runNsx(line, who)
      const isOpen = dry.stdout.startsWith('nsx enter may work')
      answers.push({ line: line.join(' '), dry: dry.code, real: real.code, isOpen })
    }
    for (const { dry, real, isOpen, ...of } of answers) {
      const ended = isOpen ? dry : real === 0 ? 0 : 125
      expect({ ...of, dry }).toEqual({ ...of, dry: ended })
    }
  })
})
