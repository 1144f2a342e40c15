import { spawn } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs'
import type { CallerKind } from './callers.ts'
import { PROJECT, watch } from './children.ts'
import { copyPackage, publicPackage } from './package.ts'

interface ToldStep {
  readonly operation: string
  readonly what: string
  readonly optional: boolean
  readonly outcome: 'works' | 'fails' | 'unknown'
  readonly errno: string | null
  readonly why: string | null
}

/** Of one command line: what was foretold, and what came of it. */
export interface Prediction {
  readonly caller: string
  readonly argv: readonly string[]
  /** It was refused before there was a plan, and would be so in earnest. */
  readonly thrown?: string
  /** An error that is no answer of ours. */
  readonly broken?: string
  readonly steps: readonly ToldStep[]
  readonly outcome: {
    readonly exitCode: number | null
    readonly signal: string | null
    readonly error: { readonly message: string; readonly errno: string | null } | null
  }
}

/** The package with the driver beside it, and a folder to put things in. */
export function preparePredictions(): { readonly driver: string; readonly folder: string } {
  const root = copyPackage({ library: true })
  const folder = `${root}folder`
  mkdirSync(folder)
  copyFileSync(`${PROJECT}test/live/predict/driver.mjs`, `${root}driver.mjs`)
  for (const path of [root, folder]) chmodSync(path, 0o755)
  return { driver: `${root}driver.mjs`, folder }
}

/** Has a caller predict and do each line. */
export async function predictAs(
  { name, via }: CallerKind,
  lines: readonly (readonly string[])[],
  { driver, folder }: { readonly driver: string; readonly folder: string },
): Promise<Prediction[]> {
  const [command = '', ...args] = [...via, publicPackage().node, driver]
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: '/',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', NSX_PREDICT_FOLDER: folder },
  })
  const watched = watch(child)
  child.stdin?.end(JSON.stringify(lines))
  const status = await watched.end
  const told = watched.stdout().split('\n').slice(0, -1)
  if (status !== 0 || told.length !== lines.length) {
    throw new Error(
      `${name}: ended with ${status} after ${told.length} of ${lines.length}: ${watched.stderr()}`,
    )
  }
  return told.map((line) => ({ caller: name, ...JSON.parse(line) }))
}

/** What of a plan was foretold as a whole. */
export function foretold({ steps }: Prediction): 'works' | 'fails' | 'unknown' {
  const outcomes = steps.filter(({ optional }) => !optional).map(({ outcome }) => outcome)
  if (outcomes.includes('fails')) return 'fails'
  return outcomes.includes('unknown') ? 'unknown' : 'works'
}

/** Why the prediction was wrong; null: it was right. */
export function mistakeOf(prediction: Prediction): string | null {
  const { broken, thrown, steps, outcome } = prediction
  if (broken !== undefined) return broken
  if (thrown !== undefined) return null
  const { error, exitCode, signal } = outcome
  const first = steps.find((step) => !step.optional && step.outcome === 'fails')
  if (error === null) {
    if (exitCode !== 0) return `the command ended with ${exitCode ?? signal}`
    return first ? `it ran, but was to fail: ${told(first)}` : null
  }
  const real = `${error.errno}, ${error.message}`
  const at = steps.findIndex(({ what }) => error.message.startsWith(`cannot ${what}:`))
  const step = steps[at]
  if (!step) return `it failed in no step: ${real}`
  if (![125, 126, 127].includes(exitCode ?? 0)) return `it ended with ${exitCode} after ${real}`
  const earlier = steps.slice(0, at).find((each) => !each.optional && each.outcome === 'fails')
  if (earlier) return `it failed later than foretold (${told(earlier)}): ${real}`
  if (step.outcome === 'unknown') return null
  if (step.outcome === 'works') return `it failed unforeseen: ${real}`
  return step.errno === error.errno ? null : `foretold was ${told(step)}: ${real}`
}

function told({ what, errno, why }: ToldStep): string {
  return `cannot ${what}: ${errno}: ${why}`
}
