import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { endByStdin, PROJECT, until, watch } from './children.ts'
import { childOf } from './proc.ts'

const SOURCE = `${PROJECT}test/live/pretend/pretend.c`
const PROGRAM = `${PROJECT}test/build/pretend`

/** The path of the program, which takes no notice of its arguments; it has a child, and ends with its stdin. */
export function pretendProgram(): string {
  const built = existsSync(PROGRAM) && statSync(PROGRAM).mtimeMs >= statSync(SOURCE).mtimeMs
  if (!built) {
    mkdirSync(`${PROJECT}test/build`, { recursive: true })
    execFileSync('cc', ['-O2', '-static', '-Wall', '-Wextra', '-Werror', '-o', PROGRAM, SOURCE])
  }
  return PROGRAM
}

/**
 * Starts a process of that uid with exactly this command line, and the name of a program to match; it is
 * gone after the test.
 *
 * @param mountsOf a process in whose mount namespace it is to be; then its program has a path.
 * @returns the pid of a child of it.
 */
export async function pretend(
  args: readonly string[],
  { uid, mountsOf }: { uid: number; mountsOf?: number },
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'nsx-pretend-'))
  chmodSync(folder, 0o755)
  const [name = '', ...words] = args
  const program = join(folder, basename(name.split(' ')[0] ?? ''))
  copyFileSync(pretendProgram(), program)
  chmodSync(program, 0o755)
  const ids = ['--reuid', String(uid), '--regid', String(uid), '--clear-groups']
  const child =
    mountsOf === undefined
      ? spawn(program, words, {
          ...{ argv0: name, uid, gid: uid, cwd: '/' },
          stdio: ['pipe', 'ignore', 'pipe'],
        })
      : spawn(
          'nsenter',
          ['--target', String(mountsOf), '--mount', 'setpriv', ...ids, program, ...words],
          { stdio: ['pipe', 'ignore', 'pipe'] },
        )
  const watched = watch(child)
  onTestFinished(async () => {
    await endByStdin(child, watched)
    rmSync(folder, { recursive: true })
  })
  return until(`${name} to have a child`, () => {
    if (watched.over()) throw new Error(watched.stderr() || 'it ended early')
    return childOf(child.pid as number)
  })
}
