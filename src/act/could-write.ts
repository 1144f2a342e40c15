import type { IdMapLine } from '../kernel/id-map.ts'

/** As stat(2) tells it, in the numbers of our own user namespace. */
export interface FileOwnership {
  readonly uid: number
  readonly mode: number
}

const WRITABLE_BY_OTHERS = 0o022
/** Whom a file seems to belong to whose owner our own user namespace has no number for. */
const OVERFLOW_UID = 65_534

/**
 * Whether a uid of a user namespace could change a file, once it gets at it (through /proc/PID/exe
 * of a process that runs it). Root inside needs the file's uid to be mapped (capabilities(7)); a
 * writable group counts always, because its bits may stand for a user of an access control list
 * (acl(5)).
 *
 * @param uidMap of the user namespace, as our own one numbers ids; null: it is unknown, or our own.
 */
export function couldWrite(file: FileOwnership, uidMap: readonly IdMapLine[] | null): boolean {
  if (uidMap === null || file.uid === OVERFLOW_UID) return true
  if ((file.mode & WRITABLE_BY_OTHERS) !== 0) return true
  return uidMap.some(
    ({ outside, count }) => outside !== null && outside <= file.uid && file.uid < outside + count,
  )
}
