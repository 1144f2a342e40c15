import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Watched, watch } from './children.ts'
import { attempt } from './proc.ts'

/** A container that a test has started, named as its runtime knows it. */
export interface RuntimeContainer {
  readonly name: string
  /** Null: the runtime has no ids. */
  readonly id: string | null
  /** What runs in it, as the host sees it. */
  readonly pid: number
}

export interface RunOptions {
  /** Of what runs in it, where the runtime can say so. */
  readonly uid?: number
  /** Further options of the runtime, before the image or the root file system. */
  readonly options?: readonly string[]
}

/** It sleeps until it is killed: a command line that no other test has. */
export const SLEEP = ['/bin/busybox', 'sleep', '3600']

const run = promisify(execFile)

/** Runs a command to its end; rejects with what it wrote to standard error. */
export async function command(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await run(file, [...args], { env: { ...process.env, ...env } })
  return stdout.trim()
}

/** A child that ends with us, whatever becomes of us, and that is told to end by SIGTERM. */
export function startDaemon(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { child: ChildProcess; watched: Watched } {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...args], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  })
  return { child, watched: watch(child) }
}

/** A child that ends with our end of its stdin. */
export function startPiped(
  [file = '', ...args]: readonly string[],
  { uid }: { uid?: number } = {},
): ChildProcess {
  return spawn(file, args, {
    stdio: ['pipe', 'ignore', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
}

/** SIGTERM, and after ten seconds SIGKILL. */
export async function endDaemon({ child, watched }: ReturnType<typeof startDaemon>): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  child.kill('SIGTERM')
  try {
    await watched.end
  } finally {
    clearTimeout(timer)
  }
}

/** Kills processes that are nobody's child, and waits until they are gone or zombies. */
export async function killAll(pids: readonly number[]): Promise<void> {
  for (const pid of pids) attempt(() => process.kill(pid, 'SIGKILL'))
  for (let i = 0; i < 200 && pids.some(isAlive); i++) await delay(10)
}

/** Neither gone nor a zombie. */
function isAlive(pid: number): boolean {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  return stat !== null && !/\) [ZX] /.test(stat)
}
