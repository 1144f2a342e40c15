import { EXIT, NsxError } from '../errors.ts'
import { nearest } from '../model/nearest.ts'

export interface UsageDetails {
  /** The word that was wrong: a flag, an argument, a command. */
  readonly target?: string
  /** What might have been meant instead of it. */
  readonly candidates?: readonly string[]
  /** The command whose help page has the answer. */
  readonly command?: string | undefined
}

/** A mistake on the command line; the hint is the nearest right word, else where to read on. */
export function usageError(message: string, code: string, details: UsageDetails = {}): NsxError {
  const guess = details.target && nearest(details.target, details.candidates ?? [])
  const page = details.command === undefined ? 'nsx help' : `nsx help ${details.command}`
  return new NsxError(message, {
    code,
    exitCode: EXIT.usage,
    hint: guess ? `did you mean ${guess}?` : `see ${page}`,
    ...(details.target === undefined ? {} : { target: details.target }),
  })
}
