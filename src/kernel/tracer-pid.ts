/**
 * Who traces a task (ptrace(2)), by its /proc/PID/status (proc_pid_status(5)). A tracer has to wait for its
 * tracee before anybody else can.
 *
 * @returns null where nobody does, or the text does not tell.
 */
export function parseTracerPid(bytes: Buffer): number | null {
  // Only short lines come before it.
  const match = /\nTracerPid:\t(\d+)\n/.exec(bytes.toString('latin1', 0, 1024))
  const pid = match ? Number(match[1]) : 0
  return pid === 0 ? null : pid
}
