import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, renameSync, statSync } from 'node:fs'
import { PROJECT, watch } from './children.ts'
import { commandPath } from './needs.ts'
import { publicPackage } from './package.ts'

const SOURCE = `${PROJECT}test/live/assail/assail.c`
const BUILD = `${PROJECT}test/build`
const PROGRAM = `${BUILD}/assail`

export interface Assault {
  /** System calls at which the command was stopped. */
  readonly stops: number
  /** Processes that the attacker saw, each time anew. */
  readonly seen: number
  /** The kinds of attack that succeeded at least once. */
  readonly successes: readonly string[]
}

export interface AssaultOptions {
  readonly mode?: 'as-it-is' | 'dumpable'
  /** Whose command it is. */
  readonly uid?: number
  /** With a controlling terminal. */
  readonly terminal?: boolean
  /** What is to be open when it is started, as a shell writes it. */
  readonly redirections?: string
}

/** `nsx enter` of a process, with these words, while its root attacks at every system call. */
export async function assail(
  target: number,
  words: readonly string[],
  { mode = 'as-it-is', uid, terminal = false, redirections = '' }: AssaultOptions = {},
): Promise<Assault> {
  const { root, node } =
    uid === undefined ? { root: PROJECT, node: process.execPath } : publicPackage()
  const command = [
    ...[buildAssail(), String(target), mode, '--', '/bin/sh', '-c'],
    ...[`exec "$@" ${redirections}`, 'sh', ...asUser(uid)],
    ...[node, `${root}bin/run.js`, 'enter', String(target), ...words, '--', '/bin/sh', '-c', ':'],
  ]
  const [file = '', ...args] = terminal ? onTerminal(command) : command
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    env: { PATH: '/nonexistent', LANG: 'C.UTF-8', SHELL: '/bin/sh' },
  })
  const watched = watch(child)
  const status = await watched.end
  const text = watched.stdout().replaceAll('\r', '')
  if (status !== 0 || !text.includes('seen'))
    throw new Error(`${status}: ${text}${watched.stderr()}`)
  const counts = new Map([...text.matchAll(/^([a-z]+) (\d+)$/gm)].map(([, a, b]) => [a, Number(b)]))
  const { stops = 0, seen = 0, executed, ...successes } = Object.fromEntries(counts)
  if (!executed) throw new Error(`the command did not run: ${text}${watched.stderr()}`)
  return { stops, seen, successes: Object.keys(successes) }
}

function asUser(uid: number | undefined): string[] {
  if (uid === undefined) return []
  return [commandPath('setpriv'), `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--']
}

function onTerminal(command: readonly string[]): string[] {
  const words = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`)
  return [commandPath('script'), '--quiet', '--return', '--command', words.join(' '), '/dev/null']
}

function buildAssail(): string {
  const built = statSync(PROGRAM, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (built >= statSync(SOURCE).mtimeMs) return PROGRAM
  mkdirSync(BUILD, { recursive: true })
  const temporary = `${PROGRAM}.${process.pid}`
  const flags = ['-std=gnu17', '-O2', '-static', '-Wall', '-Wextra', '-Werror']
  execFileSync('cc', [...flags, '-o', temporary, SOURCE])
  renameSync(temporary, PROGRAM)
  return PROGRAM
}
