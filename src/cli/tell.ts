import { writeSync } from 'node:fs'
import { safeText } from '../render/safe-text.ts'

/**
 * Lines for standard error, before this process becomes another one: process.stderr must not be touched,
 * because Node would change what the command inherits. Whether anybody reads them must not matter.
 */
export function tell(lines: readonly string[]): boolean {
  try {
    for (const line of lines) writeSync(2, `nsx: ${safeText(line)}\n`)
    return true
  } catch {
    return false
  }
}
