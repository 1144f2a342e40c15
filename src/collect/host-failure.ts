import { EXIT, NsxError } from '../errors.ts'
import { errnoName } from '../host/errno-name.ts'
import type { Host } from '../host/port.ts'
import { errnoOf, throwIfOurs } from '../host/system-error.ts'
import { describeErrno, isDenied } from '../kernel/errno.ts'

/**
 * Does work that asks the host. A host throws only where its whole answer is worthless: then there is
 * no Snapshot, and the user is told what could not be read.
 *
 * @throws NsxError
 */
export function orExplain<T>({ procfs }: Host, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof NsxError) throw error
    const errno = errnoName(errnoOf(error))
    throwIfOurs(errno, procfs.root)
    const { path = procfs.root } = error as NodeJS.ErrnoException
    throw new NsxError(`${path} cannot be read: ${describeErrno(errno)}`, {
      code: isDenied(errno) ? 'permission-denied' : 'unreadable',
      exitCode: isDenied(errno) ? EXIT.permission : EXIT.incomplete,
      target: path,
      errno,
    })
  }
}
