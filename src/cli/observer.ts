import { fstatSync, writeSync } from 'node:fs'

/** Told how a long reading goes; shaped as collect/ wants it. */
export interface Observer {
  progress(done: number, total: number): void
  phase(name: string, ms: number): void
}

/** Shorter work needs no words. */
const PATIENCE_MS = 500

/**
 * A progress line on standard error, after half a second and only on a terminal; `end` wipes it.
 * With NSX_TIMING set, `end` also writes how long each phase took, as one line of JSON.
 */
export function stderrObserver(): Observer & { end(): void } {
  const start = performance.now()
  const timing: Record<string, number> = {}
  let shown = false
  return {
    progress(done, total) {
      if (done === total || performance.now() - start < PATIENCE_MS || !isTerminal()) return
      writeSync(2, `\r\u001b[Kreading processes: ${done} of ${total}`)
      shown = true
    },
    phase(name, ms) {
      timing[name] = Math.round(ms * 1000) / 1000
    },
    end() {
      if (shown) writeSync(2, '\r\u001b[K')
      if (process.env.NSX_TIMING) writeSync(2, `${JSON.stringify({ timing })}\n`)
    },
  }
}

function isTerminal(): boolean {
  return fstatSync(2).isCharacterDevice() && process.stderr.isTTY === true
}
