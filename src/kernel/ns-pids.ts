/**
 * The pids of a task in a /proc/PID/status (proc_pid_status(5), Linux 4.1): `NSpid:`, from the PID namespace
 * of the procfs down to the task's own.
 *
 * @returns null where the kernel does not tell.
 */
export function parseNsPids(text: string): number[] | null {
  const match = /\nNSpid:((?:\t\d+)+)\n/.exec(text)
  return match ? (match[1] as string).slice(1).split('\t').map(Number) : null
}
