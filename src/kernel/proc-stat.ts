import { type DecodedText, decodeText } from './text.ts'

/** Set in the `flags` of a kernel thread (include/linux/sched.h). */
const PF_KTHREAD = 0x0020_0000

export interface ProcStat {
  readonly pid: number
  readonly comm: DecodedText
  /** One letter: R, S, D, Z, T, t, X, I … (proc_pid_stat(5)). */
  readonly state: string
  readonly ppid: number
  readonly kernelThread: boolean
  /** Clock ticks after boot, decimal. */
  readonly startTicks: string
}

/** After comm: state is field 3 of the manual, ppid 4, flags 9, starttime 22; more must follow. */
const FIELDS = /^([A-Za-z]) (\d+) (?:[^ ]* ){4}(\d+) (?:[^ ]* ){12}(\d+) /

/**
 * Parses /proc/PID/stat (proc_pid_stat(5)).
 *
 * comm may hold anything, also `) Z 1 (` and newlines; it ends at the last `)`, because all that
 * follows is numbers and one letter.
 *
 * @returns null where the text is not of that form, a read cut short included.
 */
export function parseProcStat(bytes: Buffer): ProcStat | null {
  const open = bytes.indexOf(0x28)
  const close = bytes.lastIndexOf(0x29)
  if (open < 2 || close < open) return null
  const pid = bytes.toString('latin1', 0, open - 1)
  const fields = FIELDS.exec(bytes.toString('latin1', close + 2))
  if (!fields || !/^[1-9]\d*$/.test(pid)) return null
  const [, state = '', ppid, flags, startTicks = ''] = fields
  return {
    pid: Number(pid),
    comm: decodeText(bytes.subarray(open + 1, close)),
    state,
    ppid: Number(ppid),
    kernelThread: (Number(flags) & PF_KTHREAD) !== 0,
    startTicks,
  }
}
