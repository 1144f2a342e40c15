/**
 * Whether a /proc/PID/stat tells of a controlling terminal: its field `tty_nr` is not 0
 * (proc_pid_stat(5)). Then /dev/tty is that terminal (tty(4)).
 */
export function hasTerminal(stat: Buffer): boolean {
  const close = stat.lastIndexOf(0x29)
  const [, , , , terminal] = stat.toString('latin1', close + 2).split(' ', 5)
  return terminal !== undefined && /^-?[1-9]\d*$/.test(terminal)
}
