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
