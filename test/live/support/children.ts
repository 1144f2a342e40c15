import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const PROJECT = fileURLToPath(new URL('../../../', import.meta.url))

export interface Watched {
  /** Resolves when the process has ended and its streams are read; rejects if it never started. */
  readonly end: Promise<number | NodeJS.Signals | null>
  over(): boolean
  /** What has arrived so far. */
  stdout(): string
  stderr(): string
}

export function watch(child: ChildProcess): Watched {
  let over = false
  const end = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? signal))
  }).finally(() => {
    over = true
  })
  // Whoever awaits `end` still gets the error.
  end.catch(() => undefined)
  return { end, over: () => over, stdout: collect(child.stdout), stderr: collect(child.stderr) }
}

/** Reads to the end; what has arrived so far can be had at any time. */
export function collect(stream: Readable | null): () => string {
  let text = ''
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return () => text
}

/** Closes stdin, which ends all our children, or else kills; resolves to the exit status. */
export async function endByStdin(
  child: ChildProcess,
  { end }: Watched,
): Promise<number | NodeJS.Signals | null> {
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  child.stdin?.end()
  try {
    return await end
  } finally {
    clearTimeout(timer)
  }
}

/** Asks again until there is an answer other than null. */
export async function until<T>(what: string, ask: () => T | null | Promise<T | null>): Promise<T> {
  for (const end = performance.now() + 10_000; performance.now() < end; await delay(5)) {
    const answer = await ask()
    if (answer !== null) return answer
  }
  throw new Error(`waited 10 s in vain: ${what}`)
}
