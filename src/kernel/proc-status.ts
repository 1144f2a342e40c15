/**
 * The effective uid in a /proc/PID/status (proc_pid_status(5)): the second number of `Uid:`.
 *
 * It is taken from here and not from the owner of /proc/PID, which is root for every process that
 * is not dumpable.
 *
 * The Name: line comes first and is escaped by the kernel, so a line start cannot be forged.
 */
export function parseEffectiveUid(bytes: Buffer): number | null {
  const at = bytes.indexOf('\nUid:\t')
  if (at < 0) return null
  const line = bytes.toString('latin1', at + 6, at + 60)
  const match = /^\d+\t(\d+)\t\d+\t\d+\n/.exec(line)
  return match ? Number(match[1]) : null
}

/** The process that a task is a thread of. */
export function parseTgid(bytes: Buffer): number | null {
  const match = /\nTgid:\t(\d+)\n/.exec(bytes.toString('latin1', 0, 512))
  return match ? Number(match[1]) : null
}

export interface Credentials {
  /** The effective capabilities, one bit each (capabilities(7)). */
  readonly effective: bigint
  readonly gids: ReadonlySet<number>
}

/** What decides whether hidepid hides from a process (proc(5)). */
export function parseCredentials(bytes: Buffer): Credentials | null {
  const text = bytes.toString('latin1')
  const effective = /\nCapEff:\t([0-9a-f]+)\n/.exec(text)
  const gid = /\nGid:\t\d+\t(\d+)\t/.exec(text)
  const groups = /\nGroups:\t([\d ]*)\n/.exec(text)
  if (!effective || !gid || !groups) return null
  const gids = [gid[1], ...(groups[1] ?? '').split(' ')].filter(Boolean).map(Number)
  return { effective: BigInt(`0x${effective[1]}`), gids: new Set(gids) }
}
