import { fstatSync, writeSync } from 'node:fs'
import { optimiseLate } from './optimise-late.ts'

/** Told how a long reading goes; shaped as collect/ wants it. */
export interface Observer {
  begin(total: number): void
  progress(done: number, total: number): void
  phase(name: string): void
  end(): void
}

/** Shorter work needs no words. */
const PATIENCE_MS = 500

/**
 * A progress line on standard error, after half a second and only on a terminal; `end` wipes it.
 * With NSX_TIMING set, `end` also writes how long each phase took, as one line of JSON.
 */
export function stderrObserver(): Observer {
  const start = milliseconds()
  const timing: Record<string, number> = {}
  let last = start
  let shown = false
  return {
    begin: optimiseLate,
    progress(done, total) {
      if (done === total || milliseconds() - start < PATIENCE_MS || !isTerminal()) return
      say(`\r\u001b[Kreading processes: ${done} of ${total}`)
      shown = true
    },
    phase(name) {
      const now = milliseconds()
      timing[name] = Math.round((now - last) * 1000) / 1000
      last = now
    },
    end() {
      if (shown) say('\r\u001b[K')
      if (process.env.NSX_TIMING) say(`${JSON.stringify({ timing })}\n`)
      shown = false
    },
  }
}

/** `performance` would load a module of Node's that takes longer than most phases. */
function milliseconds(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Whether anybody reads it must not matter to the work. */
function say(text: string): boolean {
  try {
    writeSync(2, text)
    return true
  } catch {
    return false
  }
}

function isTerminal(): boolean {
  try {
    return fstatSync(2).isCharacterDevice() && process.stderr.isTTY === true
  } catch {
    return false
  }
}
