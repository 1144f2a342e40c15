import { readlinkSync } from 'node:fs'
import { errnoName } from '../host/errno-name.ts'
import { errnoOf } from '../host/system-error.ts'
import { describeErrno } from '../kernel/errno.ts'
import { failure } from './failure.ts'

export interface KeepRequest {
  /** So many descriptors from 3 on. */
  readonly preserveFds: number
  readonly statusFd: number | null
}

/** Node's own first descriptor takes the lowest number that was free when it started. */
const FIRST_OF_NODE = 'anon_inode:[eventpoll]'

/**
 * The descriptors past 2 that nsx-exec is to have.
 *
 * @param linkOf the text of /proc/self/fd/N; throws as readlink(2) does.
 * @throws {NsxError} one of them was not open when nsx was started.
 */
export function keptDescriptors(
  { preserveFds, statusFd }: KeepRequest,
  linkOf: (fd: number) => string = linkOfOwn,
): number[] {
  const asked = Array.from({ length: preserveFds }, (_, i) => ({
    fd: i + 3,
    flag: '--preserve-fds',
  }))
  if (statusFd !== null) asked.push({ fd: statusFd, flag: '--status-fd' })
  for (const { fd, flag } of asked) {
    const why = whyMissing(fd, linkOf)
    if (why === null) continue
    throw failure(`cannot pass on descriptor ${fd} (${flag}): ${why}`, {
      code: 'bad-descriptor',
      errno: 'EBADF',
      target: String(fd),
      hint: `open it where nsx is started, as in ${fd}>FILE`,
    })
  }
  return [...new Set(asked.map(({ fd }) => fd))].filter((fd) => fd > 2)
}

function whyMissing(fd: number, linkOf: (fd: number) => string): string | null {
  try {
    return isOfNode(fd, linkOf) ? 'nsx was started without it' : null
  } catch (error) {
    const errno = errnoName(errnoOf(error))
    return errno === 'ENOENT' ? 'nsx was started without it' : describeErrno(errno)
  }
}

/**
 * Node opens descriptors of its own upon start, from the lowest on that is free. Past the first of them may
 * yet be one of the caller's, so that it depends on what it is: an eventfd, or both ends of a pipe.
 */
function isOfNode(fd: number, linkOf: (fd: number) => string): boolean {
  const link = linkOf(fd)
  if (link === FIRST_OF_NODE) return true
  const below = Array.from({ length: fd }, (_, i) => linkOr(i, linkOf))
  if (!below.includes(FIRST_OF_NODE)) return false
  const isPair = [fd - 1, fd + 1].some((each) => linkOr(each, linkOf) === link)
  return link === 'anon_inode:[eventfd]' || (link.startsWith('pipe:') && isPair)
}

/** Null: it is not open. */
function linkOr(fd: number, linkOf: (fd: number) => string): string | null {
  try {
    return linkOf(fd)
  } catch (error) {
    if (errnoName(errnoOf(error)) === 'ENOENT') return null
    throw error
  }
}

function linkOfOwn(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`)
}
