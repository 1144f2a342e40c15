/**
 * Exit codes, one table (DESIGN of the command line; sysexits(3) for the last).
 * `enter` and `run` have codes of their own, because there the command's own status passes through.
 */
export const EXIT = {
  ok: 0,
  findings: 1,
  usage: 2,
  noTarget: 3,
  permission: 4,
  incomplete: 5,
  unsupported: 6,
  bug: 70,
} as const

export interface NsxErrorDetails {
  /** A stable word for scripts, such as `unknown-type`. */
  readonly code: string
  readonly exitCode: number
  /** What would work. */
  readonly hint?: string
  /** What the error is about: a pid, a path, a flag. */
  readonly target?: string
  /** The errno's name where a system call failed. */
  readonly errno?: string
}

/** Something a user can meet and mend. Broken invariants stay plain `Error`s. */
export class NsxError extends Error {
  override readonly name = 'NsxError'
  readonly details: NsxErrorDetails

  constructor(message: string, details: NsxErrorDetails) {
    super(message)
    this.details = details
  }
}
