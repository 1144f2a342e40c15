import type { FindingSubject } from './finding.ts'

const UNITS: readonly (readonly [seconds: number, one: string, many: string])[] = [
  [86_400, 'day', 'days'],
  [3_600, 'hour', 'hours'],
  [60, 'minute', 'minutes'],
  [1, 'second', 'seconds'],
]

/**
 * How old something is, as far as it can be told: `held for 3 days`, `by a process started 2 hours ago`. Null:
 * it cannot.
 *
 * @param now ISO 8601.
 */
export function ageText(
  { since, sinceOf }: Pick<FindingSubject, 'since' | 'sinceOf'>,
  now: string,
): string | null {
  if (since === null) return null
  const seconds = Math.max(0, Math.floor((Date.parse(now) - Date.parse(since)) / 1000))
  const long = spanText(seconds)
  return sinceOf === 'held' ? `held for ${long}` : `by a process started ${long} ago`
}

function spanText(seconds: number): string {
  const unit = UNITS.find(([size]) => seconds >= size) ?? ([1, 'second', 'seconds'] as const)
  const [size, one, many] = unit
  const count = Math.floor(seconds / size)
  return `${count} ${count === 1 ? one : many}`
}
