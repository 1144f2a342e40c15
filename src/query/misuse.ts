import { EXIT, NsxError } from '../errors.ts'

export interface MisuseDetails {
  /** The flag or the word that is wrong. */
  readonly target: string
  /** What would work. */
  readonly hint: string
}

/** A command line whose words are known, but that cannot be meant so. */
export function misuse(code: string, message: string, details: MisuseDetails): NsxError {
  return new NsxError(message, { code, exitCode: EXIT.usage, ...details })
}
