/** Ids that a user may map into user namespaces. */
export interface SubidRange {
  readonly first: number
  readonly count: number
}

/**
 * The ranges of one user in /etc/subuid or /etc/subgid (subuid(5)), in the order of the file: `OWNER:FIRST:COUNT`
 * a line, where the owner is a name or a uid. Lines that are not of that form are passed over.
 */
export function subidRanges(
  text: string,
  user: { uid: number; name: string | null },
): SubidRange[] {
  const owners = [String(user.uid), ...(user.name === null ? [] : [user.name])]
  return text.split('\n').flatMap((line) => {
    const [, owner, first, count] = /^([^:#][^:]*):(\d+):(\d+)\s*$/.exec(line) ?? []
    if (owner === undefined || !owners.includes(owner)) return []
    return Number(count) === 0 ? [] : [{ first: Number(first), count: Number(count) }]
  })
}
