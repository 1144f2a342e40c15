import { EXIT, NsxError } from '../errors.ts'
import { errnoName } from '../host/errno-name.ts'
import type { Host } from '../host/port.ts'
import { errnoOf, throwIfOurs } from '../host/system-error.ts'
import { describeErrno, isDenied } from '../kernel/errno.ts'
import type { Observer } from './request.ts'

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
    throw explained(procfs, error)
  }
}

/** The same for work that takes its time. */
export async function orExplainLater<T>({ procfs }: Host, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw explained(procfs, error)
  }
}

/** The same, and whoever watches is told of the end. */
export async function observed<T>(
  host: Host,
  observer: Observer | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await orExplainLater(host, work)
  } finally {
    observer?.end()
  }
}

function explained({ root }: Host['procfs'], error: unknown): NsxError {
  if (error instanceof NsxError) return error
  const errno = errnoName(errnoOf(error))
  throwIfOurs(errno, root)
  const { path = root } = error as NodeJS.ErrnoException
  return new NsxError(`${path} cannot be read: ${describeErrno(errno)}`, {
    code: isDenied(errno) ? 'permission-denied' : 'unreadable',
    exitCode: isDenied(errno) ? EXIT.permission : EXIT.incomplete,
    target: path,
    errno,
  })
}
