import { lstatSync } from 'node:fs'
import { errnoName } from './errno-name.ts'
import { errnoOf, throwIfOurs } from './system-error.ts'

/**
 * Since when a mounted namespace has been held open without a break: its inode is made when it is opened or
 * mounted first, and goes when nobody does any more (fs/nsfs.c). The caller knows that nothing on the way to
 * the path can hang.
 *
 * @returns ISO 8601, UTC; null: something else is there, or it cannot be told.
 */
export function heldSince(path: string, inum: number): string | null {
  try {
    const { ino, ctime } = lstatSync(path)
    return ino === inum ? ctime.toISOString() : null
  } catch (error) {
    throwIfOurs(errnoName(errnoOf(error)), path)
    return null
  }
}
