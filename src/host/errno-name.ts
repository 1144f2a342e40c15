import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import type { Errno } from '../kernel/errno.ts'

/**
 * Node's own table knows what libuv may return; the constants also name what only Linux says
 * (ESTALE, EBADFD). Where two names have one number (EAGAIN, EWOULDBLOCK), Node's is taken.
 */
const NAMES = new Map<number, Errno>(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
)
for (const [number, [name]] of getSystemErrorMap()) NAMES.set(-number, name)

/** The name of an errno, such as `EACCES` of 13 (errno(3)). */
export function errnoName(errno: number): Errno {
  return NAMES.get(errno) ?? `errno ${errno}`
}
