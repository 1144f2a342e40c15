import { spawn } from 'node:child_process'
import { PROJECT, watch } from './children.ts'

export interface NsxOptions {
  /** Whose, with the gid of the same number unless one is given; without supplementary groups. */
  readonly uid?: number
  readonly gid?: number
  readonly env?: Readonly<Record<string, string>>
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
  { uid, gid = uid, env = {}, timeout = 20_000 }: NsxOptions = {},
): Promise<NsxResult> {
  const child = spawn(process.execPath, [`${PROJECT}bin/run.js`, ...args], {
    cwd: '/',
    env: { PATH: '/nonexistent', LANG: 'C.UTF-8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  })
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
