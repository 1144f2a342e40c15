import { spawn } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { collectLimits } from '../../../src/collect/limits.ts'
import { containersOnce } from '../../../src/collect/named-subject.ts'
import { openHost } from '../../../src/host/open.ts'
import { NS_TYPE_NAMES } from '../../../src/kernel/namespace-types.ts'
import { type LimitsView, limitsView } from '../../../src/query/limits/limits.ts'
import { bareRun, type ForeseenRun } from '../../../src/query/limits/runs.ts'
import { pickContainer } from '../../../src/query/match-container.ts'
import { parseTarget } from '../../../src/query/parse-target.ts'
import { UID_A } from './callers.ts'
import { endByStdin, PROJECT, until, watch } from './children.ts'
import { copyPackage, publicPackage } from './package.ts'
import type { Random } from './random.ts'

/** What was said beforehand of one `nsx run`, and what unshare(1) met. */
export interface LimitsCase {
  readonly name: string
  readonly foreseen: ForeseenRun
  /** Null: it worked. */
  readonly errno: string | null
}

const ERRNOS: Readonly<Record<string, string>> = {
  'No space left on device': 'ENOSPC',
  'Operation not permitted': 'EPERM',
  'Permission denied': 'EACCES',
  'Invalid argument': 'EINVAL',
}

/** @param said the messages of unshare(1), and `=` with its exit code */
function errnoOf(said: string): string | null {
  if (/^=0$/m.test(said)) return null
  const found = Object.entries(ERRNOS).find(([words]) => said.includes(words))
  if (!found) throw new Error(`unshare said: ${said}`)
  return found[1]
}

/** Why the case was foretold wrongly; null: it was not, or only what nobody promised has happened. */
export function mistakeOf({ name, foreseen, errno }: LimitsCase): string | null {
  const { flags, outcome, why, assumes } = foreseen
  const told = `${name}: ${flags}: ${outcome}, ${foreseen.errno}, ${why}`
  if (outcome === 'unknown') return null
  if (outcome === 'fails') return errno === foreseen.errno ? null : `${told}; but ${errno}`
  return errno === null || (errno === 'ENOSPC' && assumes.length > 0)
    ? null
    : `${told}; but ${errno}`
}

/** What `nsx limits TARGET` tells, asked from here. */
async function limitsOf(target: number | string): Promise<LimitsView> {
  const { host } = openHost(PROJECT, undefined)
  const text = String(target)
  const facts = await collectLimits(host, {
    named: { text, target: parseTarget(text), by: containersOnce(host, pickContainer) },
    run: bareRun(NS_TYPE_NAMES),
    request: { contents: [], uid: 0, now: new Date() },
  })
  return limitsView(facts, new Set(NS_TYPE_NAMES))
}

/** A shell that somebody has started somewhere; it does what it is told until it is ended. */
export interface Shell {
  /** As it is seen from here. */
  readonly pid: number
  run(line: string): Promise<string>
  end(): Promise<void>
}

/** @param via what the shell is started by */
export async function startShell(via: readonly string[], folder = '/tmp'): Promise<Shell> {
  const [command = '', ...args] = [...via, 'sh']
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C', NSX_PREDICT_FOLDER: folder }
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], cwd: '/', env })
  const watched = watch(child)
  const run = async (line: string): Promise<string> => {
    const from = watched.stdout().length
    child.stdin?.write(`${line}; echo "=$?"\n`)
    return until(`${via.join(' ')} sh`, () => {
      if (watched.over()) throw new Error(watched.stderr().trim() || 'the shell ended early')
      const said = watched.stdout().slice(from)
      return /^=\d+\n/m.test(said) ? said : null
    })
  }
  await run(':')
  return {
    ...{ pid: lastOf(child.pid as number), run },
    end: async () => {
      await endByStdin(child, watched)
    },
  }
}

/** Of a chain of processes the last one. */
function lastOf(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
  return child ? lastOf(Number(child)) : pid
}

/** Asks from here what a shell could do, then has it try some of that. */
export async function casesOf(
  name: string,
  shell: Shell,
  { random, most, only }: { random: Random; most: number; only?: readonly string[] },
): Promise<LimitsCase[]> {
  const { runs } = await limitsOf(shell.pid)
  if (runs === null) throw new Error(`${name}: nothing was foretold`)
  const among = only ? runs.filter(({ flags }) => only.includes(flags)) : runs
  const cases: LimitsCase[] = []
  for (let i = 0; i < most; i++) {
    const foreseen = random.pick(among)
    cases.push({ name, foreseen, errno: await tried(shell, foreseen.flags) })
  }
  return cases
}

/** What has ended still counts for a while. */
async function tried(shell: Shell, flags: string): Promise<string | null> {
  for (const end = performance.now() + 500; ; await delay(20)) {
    const errno = errnoOf(await shell.run(`unshare ${flags} true 2>&1`))
    if (errno !== 'ENOSPC' || performance.now() > end) return errno
  }
}

/** The package with the driver beside it. */
export function prepareLimitsDriver(): string {
  const root = copyPackage({ library: true })
  copyFileSync(`${PROJECT}test/live/predict/limits-driver.mjs`, `${root}limits-driver.mjs`)
  return `${root}limits-driver.mjs`
}

const FLAGS = ['-U', '-m', '-n', '-p', '-u', '-i', '-C', '-T', '-Um', '-Un', '-Uu', '-UmnpuiCT']
const LETTERS = { mnt: 'm', net: 'n', uts: 'u', ipc: 'i', user: 'U', cgroup: 'C' } as const
const TYPES = Object.keys(LETTERS) as (keyof typeof LETTERS)[]

/** Low limits and some namespaces in a user namespace of its own, asked there. */
export async function casesInside(driver: string, random: Random): Promise<LimitsCase[]> {
  const types = random.some(TYPES, 0.5)
  const limits = Object.fromEntries(types.map((type) => [type, random.below(4)]))
  const among = types.length > 0 ? types : TYPES
  const held = Array.from({ length: random.below(5) }, () => `-${LETTERS[random.pick(among)]}`)
  const asked = {
    ...{ limits, held, nested: random.chance(0.4) },
    flags: Array.from({ length: 4 }, () => random.pick(FLAGS)),
  }
  const as = random.chance(0.5) ? ['setpriv', `--reuid=${UID_A}`, '--clear-groups'] : []
  const [command = '', ...args] = [...as, 'unshare', '-U', '-r', publicPackage().node, driver]
  const child = spawn(command, args, { cwd: '/', env: { PATH: process.env.PATH ?? '' } })
  const watched = watch(child)
  child.stdin?.end(JSON.stringify(asked))
  const status = await watched.end
  if (status !== 0) throw new Error(`${JSON.stringify(asked)}: ${status}: ${watched.stderr()}`)
  const name = JSON.stringify({ as: as.length, ...asked })
  return watched
    .stdout()
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { foreseen, said } = JSON.parse(line)
      return { name, foreseen, errno: errnoOf(said) }
    })
}
