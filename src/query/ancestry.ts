import { isInitialInum } from '../kernel/namespace-types.ts'
import type { Truth } from './truth.ts'

/** The parent of a namespace; null: it has none, or it is out of sight; undefined: nothing is known of it. */
export type ParentOf = (inum: number) => number | null | undefined

/** The namespace itself and all its ancestors upwards, as far as they are in sight. */
export function lineOf(inum: number, parentOf: ParentOf): number[] {
  const line: number[] = []
  let at: number | null | undefined = inum
  while (typeof at === 'number' && !line.includes(at)) {
    line.push(at)
    at = parentOf(at)
  }
  return line
}

/**
 * Whether a namespace (user or pid) is the other one or stands below it. What is above of all that the
 * reader sees cannot be told, unless both lines end in the same one.
 */
export function isWithin(inum: number, of: number, parentOf: ParentOf): Truth {
  const line = lineOf(inum, parentOf)
  if (line.includes(of)) return true
  const top = line.at(-1) as number
  if (isInitialInum(top)) return false
  return lineOf(of, parentOf).includes(top) ? false : null
}
