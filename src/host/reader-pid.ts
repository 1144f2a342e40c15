import { errnoName } from './errno-name.ts'
import type { Procfs } from './procfs.ts'
import { errnoOf, throwIfOurs } from './system-error.ts'

/**
 * Our own pid as a procfs shows it: in that of another PID namespace it is another number, or there is
 * none (proc_self(5)).
 */
export function readerPid(procfs: Procfs): number | null {
  try {
    // Mostly it is the one we know, which costs less than to read the link.
    const own = procfs.exists(String(process.pid)) ? procfs.stat(String(process.pid)).ino : null
    if (procfs.stat('self').ino === own) return process.pid
    return Number(procfs.link('self')) || null
  } catch (error) {
    throwIfOurs(errnoName(errnoOf(error)), 'self')
    return null
  }
}
