import { EXIT, NsxError } from '../errors.ts'
import { describeErrno, type Errno, isOurs } from '../kernel/errno.ts'

/**
 * The errno (a positive number) of an error that a system call made.
 * Anything else is a broken invariant of ours and is thrown on.
 */
export function errnoOf(error: unknown): number {
  const errno = error instanceof Error ? (error as NodeJS.ErrnoException).errno : undefined
  if (typeof errno !== 'number') throw error
  return Math.abs(errno)
}

/**
 * Ends the reading where our own resources have run out, because every further answer would be wrong.
 *
 * @param what what was being read, such as `processes`
 */
export function throwIfOurs(errno: Errno, what: string): void {
  if (!isOurs(errno)) return
  throw new NsxError(`reading ${what} stopped: ${describeErrno(errno)}`, {
    code: 'out-of-resources',
    exitCode: EXIT.incomplete,
    errno,
    hint: 'raise the limit (ulimit -n for descriptors, or free memory) and try again',
  })
}
