import type { SubidRange } from './subid.ts'

/** A range that somebody may map. */
export interface SubidGrant extends SubidRange {
  /** A name or an id, as the file has it. */
  readonly owner: string
}

/**
 * All ranges of an /etc/subuid or /etc/subgid (subuid(5)), in the order of the file: `OWNER:FIRST:COUNT` a line.
 * Lines that are not of that form are passed over.
 */
export function parseSubids(text: string): SubidGrant[] {
  return text.split('\n').flatMap((line) => {
    const [, owner, first, count] = /^([^:#][^:]*):(\d{1,10}):(\d{1,10})\s*$/.exec(line) ?? []
    if (owner === undefined || Number(count) === 0) return []
    return [{ owner, first: Number(first), count: Number(count) }]
  })
}
