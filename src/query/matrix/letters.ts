import type { NsSet } from '../ns-sets.ts'

/**
 * A letter for each shared namespace, the first of its type in the order of the rows being A. After Z come
 * AA, AB …
 */
export function lettersOf(
  sets: readonly NsSet[],
  isShared: (inum: number) => boolean,
): Map<number, string> {
  const letters = new Map<number, string>()
  const counts = new Map<string, number>()
  for (const set of sets) {
    for (const [type, inum] of Object.entries(set)) {
      if (!isShared(inum) || letters.has(inum)) continue
      const count = counts.get(type) ?? 0
      counts.set(type, count + 1)
      letters.set(inum, letterOf(count))
    }
  }
  return letters
}

function letterOf(n: number): string {
  const last = String.fromCharCode(65 + (n % 26))
  return n < 26 ? last : letterOf(Math.floor(n / 26) - 1) + last
}
