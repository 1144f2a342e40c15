import { type ChildProcess, spawn } from 'node:child_process'
import { PROJECT, watch } from './children.ts'
import { publicPackage } from './package.ts'

export interface NsxOptions {
  /** Whose, with the gid of the same number unless one is given; without supplementary groups. */
  readonly uid?: number
  readonly gid?: number
  readonly env?: Readonly<Record<string, string>>
  /** A command, by its path, and its arguments, that is to start it. */
  readonly via?: readonly string[]
  /** What it reads from standard input, which is empty otherwise. */
  readonly input?: string
  /** Another folder than ours that has bin/ and the rest. */
  readonly root?: string
  /** Milliseconds after which it is killed, 20,000 unless told. */
  readonly timeout?: number
}

export interface NsxResult {
  readonly stdout: string
  readonly stderr: string
  /** Null: killed by a signal. */
  readonly code: number | null
  readonly timedOut: boolean
}

/**
 * Runs bin/run.js with an environment of its own: nothing that the machine or the test runner sets
 * (colours, certificates, NODE_OPTIONS) reaches it, and no command can be found in its PATH.
 */
export async function runNsx(
  args: readonly string[],
  options: NsxOptions = {},
): Promise<NsxResult> {
  const { timeout = 20_000 } = options
  const child = spawnNsx(args, options)
  const watched = watch(child)
  let timedOut = false
  const result = (code: number | null) => ({
    stdout: watched.stdout(),
    stderr: watched.stderr(),
    code,
    timedOut,
  })
  // A process that hangs in the kernel does not even end when killed: then we go on without it.
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      timedOut = true
      child.kill('SIGKILL')
      child.unref()
      resolve(result(null))
    }, timeout)
    watched.end
      .then((code) => resolve(result(typeof code === 'number' ? code : null)), reject)
      .finally(() => clearTimeout(timer))
  })
}

/** The same, without the waiting. */
export function spawnNsx(
  args: readonly string[],
  { uid, gid = uid, env = {}, via = [], input, root }: Omit<NsxOptions, 'timeout'> = {},
): ChildProcess {
  const shared = uid === undefined ? { root: PROJECT, node: process.execPath } : publicPackage()
  const [command, ...words] = [...via, shared.node, `${root ?? shared.root}bin/run.js`, ...args]
  const child = spawn(command as string, words, {
    cwd: '/',
    env: { PATH: '/nonexistent', LANG: 'C.UTF-8', ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  })
  // Whoever ends before it has read it all is told so by its own output.
  child.stdin?.on('error', () => undefined).end(input)
  return child
}
