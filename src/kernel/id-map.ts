export interface IdMapLine {
  /** The first id as the namespace itself numbers it. */
  readonly inside: number
  /** The same id in the reader's user namespace; null: that one has no number for it. */
  readonly outside: number | null
  readonly count: number
}

const NO_ID = 0xffff_ffff

/**
 * Parses a uid_map, gid_map or projid_map (user_namespaces(7)). Empty: not written yet.
 *
 * @returns null where a line is not of that form.
 */
export function parseIdMap(text: string): IdMapLine[] | null {
  const lines = text.split('\n').filter((line) => line !== '')
  const parsed = lines.map((line) => /^ *(\d+) +(\d+) +(\d+)$/.exec(line))
  if (!parsed.every((match) => match !== null)) return null
  return parsed.map(([, inside, outside, count]) => ({
    inside: Number(inside),
    outside: Number(outside) === NO_ID ? null : Number(outside),
    count: Number(count),
  }))
}
