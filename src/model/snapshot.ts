import type { Errno } from '../kernel/errno.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { Container } from './container.ts'

/**
 * What was read of a machine at one time: plain data, equal to itself after JSON.
 * Within a Snapshot a namespace is its inode number (all of them live on one nsfs device);
 * across Snapshots it is `(bootId, id)`, because inode numbers are reused at once.
 */
export interface Snapshot {
  readonly host: HostInfo
  /** In the order of their inode numbers. */
  readonly namespaces: readonly Namespace[]
  /** The processes that were looked at closely (leaders, holders), ascending by pid. */
  readonly processes: readonly Process[]
  readonly coverage: Coverage
}

export interface HostInfo {
  /** The root of the procfs that was read. */
  readonly procfs: string
  readonly bootId: string | null
  readonly kernel: string | null
  readonly hostname: string | null
  /** ISO 8601, UTC. */
  readonly takenAt: string
  readonly pidMax: number | null
  /** `major:minor` of the nsfs device, as mountinfo writes it. */
  readonly nsfsDev: string | null
  /** The reader's effective uid. All pids and uids in the Snapshot are as the reader sees them. */
  readonly uid: number
  readonly userNs: NsRef | null
  readonly pidNs: NsRef | null
  /** Paths of the reader are as its own mount namespace has them. */
  readonly mntNs: NsRef | null
}

export interface NsRef {
  readonly type: NsType
  readonly inum: number
  /** The 64-bit id that is never reused until reboot (NS_GET_ID, Linux 6.18). */
  readonly id: string | null
}

export interface Namespace extends NsRef {
  /** Pids of the thread groups whose leader is a member, ascending. */
  readonly members: readonly number[]
  /** Members told by inference, not by their own link: a subset of `members`. */
  readonly inferredMembers: readonly number[]
  /** Whatever else keeps it alive. */
  readonly holders: readonly Holder[]
  /** Inode of the owning user namespace; null: it has none, or `unknown` names the field. */
  readonly owner: number | null
  /** Inode of the parent (user and pid only). */
  readonly parent: number | null
  /** Of a user namespace: the uid of its creator. */
  readonly ownerUid: number | null
  /** Of a network namespace: the number that the reader's network namespace gives it. */
  readonly nsid: number | null
  /** Pid of the topmost member in the process tree. */
  readonly leader: number | null
  readonly unknown: readonly NamespaceField[]
  /** Kinds of holders of which there may be more, for some processes could not be read. */
  readonly atLeast: readonly HolderKind[]
}

export type NamespaceField = 'id' | 'owner' | 'parent' | 'ownerUid' | 'nsid' | 'leader'

/** Everything that can keep a namespace alive, in the order in which listings count it. */
export const HOLDER_KINDS = [
  'process',
  'thread',
  'forChildren',
  'descriptor',
  'socket',
  'mount',
  'child',
  'owned',
  'device',
] as const
export type HolderKind = (typeof HOLDER_KINDS)[number]

export interface Holder {
  readonly kind: Exclude<HolderKind, 'process'>
  readonly pid: number | null
  /** Of a thread, and of a task for whose children it is: which one of the process; null: the first. */
  readonly tid: number | null
  readonly fd: number | null
  /**
   * Of a mount: the mount point, as the mount namespace has it in which it stands; null: it leads nowhere from
   * there. Of a descriptor: the file of /proc/PID/net that it is; null: the namespace itself.
   */
  readonly path: string | null
  /** Of a mount: the mount namespace in which it stands. Of a child or owned: that namespace. */
  readonly namespace: number | null
}

export interface Process {
  readonly pid: number
  readonly ppid: number | null
  /** Start in clock ticks since boot, as a decimal string (field 22 of /proc/PID/stat). */
  readonly startTicks: string
  readonly comm: string
  /** Effective uid; null: it could not be read. */
  readonly uid: number | null
  readonly user: string | null
  /** Null: not asked. Empty: a kernel thread, a zombie, or a process that wiped it. */
  readonly args: readonly string[] | null
  /** Fields in which bytes were not UTF-8, or that were cut at the size limit. */
  readonly lossy: readonly ('comm' | 'args')[]
  /** Null: it is in none. Undefined: not asked, or it could not be told. */
  readonly container?: Container | null
}

export type SourceState = 'read' | 'partial' | 'notAsked' | 'unavailable'

export interface Coverage {
  /** All that was asked for was read. */
  readonly complete: boolean
  readonly sources: readonly { readonly name: string; readonly state: SourceState }[]
  readonly gaps: readonly Gap[]
  /** The procfs does not even list processes of others to us (mount option hidepid). */
  readonly hidepid: boolean
  /**
   * Further namespaces of which only the existence could be told (an ordinary user sees that two
   * unreadable processes differ in their network namespace, but not which ones these are).
   */
  readonly unidentified: Readonly<Partial<Record<NsType, number>>>
}

/** What could not be read, by source and errno. */
export interface Gap {
  readonly source: string
  readonly errno: Errno
  readonly count: number
  /** The first ten. */
  readonly pids: readonly number[]
}
