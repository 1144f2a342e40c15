import { EXIT } from '../errors.ts'
import { roleOf } from './command-start.ts'

/**
 * Exit codes of `enter` and `run`, where the command's own passes through: as env(1), nohup(1) and a shell
 * have them. The last two are given by the helper.
 */
export const COMMAND_STATUS = { failed: 125, notExecutable: 126, notFound: 127 } as const

/** Of a failure of ours. */
export function failureStatus(exitCode: number, command: string | undefined): number {
  return roleOf(command) && exitCode !== EXIT.ok ? COMMAND_STATUS.failed : exitCode
}
