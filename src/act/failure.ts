import { NsxError, type NsxErrorDetails } from '../errors.ts'

/** Of every failure of ours once a command is to be run: its own status passes through. */
const EXIT_OURS = 125

export function failure(message: string, details: Omit<NsxErrorDetails, 'exitCode'>): NsxError {
  return new NsxError(message, { ...details, exitCode: EXIT_OURS })
}
