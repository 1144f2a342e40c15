import type { Errno } from '../kernel/errno.ts'
import { NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'

/** The ten namespace links of a task: the eight types, and what its children will be born into. */
export type NsLinkName = NsType | 'pid_for_children' | 'time_for_children'

export const NS_LINK_NAMES: readonly NsLinkName[] = [
  ...NS_TYPE_NAMES,
  'pid_for_children',
  'time_for_children',
]

/** The type of namespace that a link leads to. */
export function typeOfLink(name: NsLinkName): NsType {
  return name.replace('_for_children', '') as NsType
}

/**
 * One task looked at closely, as a plain value: who it is, its ten namespaces, its credentials
 * (credentials(7), proc_pid_status(5)). All of it was read between two looks at (pid, startTicks), so it is
 * of one and the same task.
 */
export interface Subject {
  /** The task itself: a thread, or the leader of its process (then equal to `tgid`). */
  readonly pid: number
  /** Its process. */
  readonly tgid: number
  readonly ppid: number | null
  readonly startTicks: string
  readonly comm: string
  readonly args: readonly string[] | null
  readonly lossy: readonly ('comm' | 'args')[]
  /** One letter (proc_pid_stat(5)). `Z`: only its user and PID namespace are left. */
  readonly state: string
  readonly kernelThread: boolean
  /** Number of threads of its process. */
  readonly threads: number
  readonly credentials: SubjectCredentials | null
  /** Its pid in each PID namespace from the reader's (of the procfs) down to its own; empty: not told. */
  readonly nsPids: readonly number[]
  /** Inode by link, as far as they could be read. */
  readonly links: Readonly<Partial<Record<NsLinkName, number>>>
  /** Why the others could not. */
  readonly linkErrnos: Readonly<Partial<Record<NsLinkName, Errno>>>
  /**
   * Threads of the process whose links differ from those of the task, ascending by tid. Of a leader that
   * has exited before its threads, `links` is what is left of it (`user` and `pid`, as of every zombie),
   * and all its live threads are here with the rest.
   */
  readonly strayThreads: readonly StrayThread[]
  /** Threads that were not compared: their links could not be read, or there are too many. */
  readonly threadsUnread: number
}

export interface StrayThread {
  readonly tid: number
  readonly startTicks: string
  readonly comm: string
  readonly lossy: readonly 'comm'[]
  /** Only the links that differ. */
  readonly links: Readonly<Partial<Record<NsLinkName, number>>>
  /** Links that the task has and this thread has not (ENOENT), or that could not be read. */
  readonly linkErrnos: Readonly<Partial<Record<NsLinkName, Errno>>>
}

export interface Ids {
  readonly real: number
  readonly effective: number
  readonly saved: number
  readonly fs: number
}

/** Ids are as the reader's user namespace sees them. */
export interface SubjectCredentials {
  readonly uid: Ids
  readonly gid: Ids
  readonly groups: readonly number[]
  /** Hexadecimal, 16 digits, as in status; relative to the task's own user namespace. */
  readonly capabilities: {
    readonly inheritable: string
    readonly permitted: string
    readonly effective: string
    readonly bounding: string
    readonly ambient: string
  }
  readonly noNewPrivs: boolean | null
  /** 0 none, 1 strict, 2 filter (seccomp(2)). */
  readonly seccomp: 0 | 1 | 2 | null
  readonly seccompFilters: number | null
  readonly umask: string | null
}
