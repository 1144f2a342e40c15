import { decodeText } from './text.ts'

export interface Cmdline {
  readonly args: readonly string[]
  /** Bytes were not UTF-8. */
  readonly lossy: boolean
}

/**
 * Splits a /proc/PID/cmdline (proc_pid_cmdline(5)) at its NULs; the last one is a terminator.
 * A process can overwrite the area, so any bytes can stand there. Empty: kernel thread or zombie.
 */
export function parseCmdline(bytes: Buffer): Cmdline {
  if (bytes.length === 0) return { args: [], lossy: false }
  const end = bytes[bytes.length - 1] === 0 ? bytes.length - 1 : bytes.length
  const { text, lossy } = decodeText(bytes.subarray(0, end))
  return { args: text.split('\0'), lossy }
}
