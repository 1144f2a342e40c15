/** What the monitor of nsx-exec tells, a line of JSON each time (`--status-fd`). */
export interface Outcome {
  /** Of the command as the monitor sees it; null: it was never made. */
  readonly pid: number | null
  /** Null: it has not ended, or by a signal. */
  readonly exitCode: number | null
  /** Its name without SIG: `TERM`; null: none. */
  readonly signal: string | null
  /** Why it could not be run; null: it was. */
  readonly error: { readonly message: string; readonly errno: string | null } | null
}

/** @returns null where the line is not of that form. */
export function parseOutcome(line: string): Outcome | null {
  try {
    const { pid, exitCode, signal, error } = JSON.parse(line) as Outcome
    return { pid, exitCode, signal, error }
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
