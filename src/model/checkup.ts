import type { Population } from './population.ts'

/** What `doctor` was told of a machine: plain data. */
export interface Checkup {
  /** The whole machine, by every source there is. */
  readonly population: Population
  /** Inode of the reader's mount namespace; null: it could not be read. */
  readonly readerMounts: number | null
  /** Processes of PID namespaces that seemed to be ending, and still did a moment later. */
  readonly lingering: readonly LingeringProcess[]
  /** Inodes of PID namespaces in which no process has been made yet. */
  readonly unborn: readonly number[]
  /** Some process may be in any of the PID namespaces below the reader's: neither its link nor its pids told. */
  readonly innerUntold: boolean
  /** Files where names of network namespaces are kept that are no namespace, sorted by path. */
  readonly staleNames: readonly string[]
  /** By mount point in the reader's mount namespace: since when the namespace has been held open (ISO 8601). */
  readonly mountedSince: Readonly<Record<string, string>>
  /** By pid, of those that were looked at closely: when they were started (ISO 8601). */
  readonly startedAt: Readonly<Record<number, string>>
}

/** Ended and not reaped, waiting in the kernel, stopped by a tracer, or without any namespace but two. */
export interface LingeringProcess {
  readonly pid: number
  /** As at the second look. */
  readonly state: string
  /** Null: nobody traces it. */
  readonly tracer: number | null
}
