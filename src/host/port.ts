import type { Errno } from '../kernel/errno.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { FileBelow, FileContent, InsideQuestion } from '../model/inside.ts'
import type { Procfs } from './procfs.ts'

/**
 * The looking side's only door to the machine. Two implementations give the same facts: one over
 * the addon (bulk calls on all cores), one over node:fs alone. Every call returns values and errnos;
 * it throws only for what makes the whole answer worthless (see `throwIfOurs`).
 */
export interface Host {
  readonly engine: 'native' | 'typescript'
  readonly procfs: Procfs
  /** Our own pid in `procfs`; null where it does not show us. */
  readonly readerPid: number | null
  /** All thread groups, ascending. */
  listPids(): Int32Array
  scanProcesses(request: ScanRequest): ProcessScan
  /** One entry for each pid, in order. */
  readProcesses(pids: readonly number[], request: ReadRequest): readonly ProcessTexts[]
  /** Null where nsfs cannot be asked (no addon, or a saved procfs). */
  readonly describe:
    | ((requests: readonly NsHandle[], options: DescribeOptions) => Description)
    | null
  /** Null where descriptors of other processes cannot be examined as sockets. */
  readonly socketNamespaces: ((sockets: DescriptorList) => SocketNamespaces) | null
  /** The same of tun devices. */
  readonly deviceNamespaces: ((devices: DescriptorList) => SocketNamespaces) | null
  /**
   * All mount namespaces that there are, in or out of sight, and the bind mounts of namespaces in them. EPERM:
   * takes root in the initial PID namespace; ENOTTY: the kernel is older than 6.12. Null: without the addon.
   */
  readonly mountNamespaces: (() => MountNamespaces | Errno) | null
  /**
   * All namespaces that the kernel lists (listns(2)). ENOSYS: it is older than 6.19. Null: without the addon.
   */
  readonly listNamespaces: (() => Description | Errno) | null
  /**
   * Asks from within a uts, ipc, net or cgroup namespace (others: EINVAL), on a thread that joins it and
   * ends. One answer for each question, in order; where it could not be joined, that errno for all: EPERM,
   * ESTALE (another namespace by now). Null: without the addon, or for another procfs.
   */
  readonly inside:
    | ((handle: NsHandle, questions: readonly InsideQuestion[]) => readonly (Uint8Array | Errno)[])
    | null
  /**
   * Which number (`link-netnsid`) a network namespace gives to each of the others. Asking assigns none.
   * Null as for `inside`.
   */
  readonly peerNsids:
    | ((handle: NsHandle, candidates: readonly NsHandle[]) => PeerNsids | Errno)
    | null
  /**
   * All mounts of a mount namespace: one `struct statmount` after the other (statmount(2); the parser
   * is kernel/statmount.ts). ENOSYS: not with this kernel (before 6.8; of another namespace, 6.11).
   * Null as for `inside`.
   */
  readonly statmount: ((handle: NsHandle) => Uint8Array | Errno) | null
  /**
   * Pids of processes translated between a PID namespace and ours: `in` to what it calls them, `from`
   * to what we do; 0 where there is none. ENOTTY: the kernel is older than 6.11. Null as for `inside`.
   */
  readonly pidIn:
    | ((handle: NsHandle, pids: Int32Array, direction: 'in' | 'from') => Int32Array | Errno)
    | null
  /**
   * One answer for each file, in order; what hangs is ETIMEDOUT after a second, and what hangs with it
   * after three. Null where the child that reads them is missing, or the procfs is a saved one.
   */
  readonly readFiles:
    | ((files: readonly FileBelow[]) => Promise<readonly (FileContent | Errno)[]>)
    | null
  /** The name of a uid on this machine, null where it has none. */
  userName(uid: number): string | null
}

export interface ScanRequest {
  readonly pids: Int32Array
  readonly types: readonly NsType[]
  /** pids.length × types.length: 0 for a link that is not to be read. Absent: all are. */
  readonly only?: Uint8Array
  /** Also look for descriptors that refer to a namespace. */
  readonly descriptors: boolean
  /** Also list descriptors that are sockets. */
  readonly sockets: boolean
  /** What only a deep look asks for; absent: none of it. */
  readonly deep?: DeepRequest
}

export interface DeepRequest {
  /** The threads of each process, where they are in other namespaces than it. */
  readonly threads: boolean
  /** Also what the next children of each task will be in, where the task itself is not. */
  readonly forChildren: boolean
  /** Also list descriptors that are tun devices. */
  readonly devices: boolean
  /** Also list descriptors that are files of a /proc/PID/net. */
  readonly netFiles: boolean
}

export interface ProcessScan {
  /** pids.length × types.length: the inode of each link, 0 where there is none to be read. */
  readonly inums: Uint32Array
  /** As `inums`: the errno (a number) of each link, 0 where it was read. */
  readonly errnos: Uint8Array
  /** One for each pid: the errno of its descriptor directory or of what is in it; 0: all read. */
  readonly descriptorErrnos: Uint8Array
  readonly descriptors: readonly NsDescriptor[]
  readonly sockets: DescriptorList
  /** Descriptors that might hold a namespace but could not be told apart (with the addon: only where a device is unknown). */
  readonly undecided: number
  /** As asked for. Of a process whose leader has exited, descriptors are given by a thread that lives. */
  readonly deep?: DeepScan
}

export interface DeepScan {
  readonly tasks: readonly TaskReference[]
  /** One for each pid: the errno of something of its threads, 0: all read. */
  readonly threadErrnos: Uint8Array
  readonly forChildrenErrnos: Uint8Array
  readonly devices: DescriptorList
  /** Among them may be others whose path is like theirs. */
  readonly netFiles: DescriptorList
}

/** A namespace that a task refers to, but its process is not in. */
export interface TaskReference {
  readonly pid: number
  readonly tid: number
  readonly type: NsType
  /** Only what children of the task will be made in. */
  readonly forChildren: boolean
  /** Null: there is one that no link shows yet, for no process has been made in it. */
  readonly inum: number | null
}

export interface NsDescriptor {
  readonly pid: number
  readonly fd: number
  readonly inum: number
  /** Null: only nsfs itself can tell (a detached mount's link text is `/`). */
  readonly type: NsType | null
}

/** Columns of equal length: number `i` is descriptor `fds[i]` of process `pids[i]`. */
export interface DescriptorList {
  readonly pids: Int32Array
  readonly fds: Int32Array
  readonly inodes: Float64Array
}

export interface SocketNamespaces {
  /** One for each socket asked: the inode of its network namespace, 0 where it could not be told. */
  readonly inums: Uint32Array
  /** The errno (a number) where `inums` is 0. ENOENT, ESRCH, EBADF: closed or gone meanwhile. */
  readonly errnos: Uint8Array
  /** Facts of the distinct namespaces found, taken while they were held open. */
  readonly facts: readonly NsFacts[]
}

export interface ReadRequest {
  readonly status: boolean
  /** How many bytes of each command line at the most; 0: do not read it. */
  readonly cmdlineBytes: number
  /** Also read its cgroups; not unless asked. */
  readonly cgroup?: boolean
}

/** The raw text of a file, or the errno with which it could not be read. */
export type FileText = Buffer | Errno

export interface ProcessTexts {
  readonly stat: FileText
  /** Null: not asked. */
  readonly status: FileText | null
  readonly cmdline: FileText | null
  readonly cgroup: FileText | null
}

export interface MountNamespaces {
  /** All of them. */
  readonly inums: Uint32Array
  /**
   * Those with bind mounts of namespaces, or whose mounts could not be read: one `struct statmount` of each
   * such mount after the other, as `statmount` of the host gives them of all.
   */
  readonly mounts: readonly { readonly inum: number; readonly bytes: Uint8Array | Errno }[]
  /** Of these, and of what is mounted there as far as it could be opened. */
  readonly facts: readonly NsFacts[]
}

/** Where a namespace can be opened. `inum` is what it must turn out to be; null accepts any. */
export type NsHandle =
  | { readonly kind: 'link'; readonly pid: number; readonly type: NsType; readonly inum: number }
  | {
      readonly kind: 'descriptor'
      readonly pid: number
      readonly fd: number
      readonly inum: number
    }
  /** By what children of a task will be in; `pid` is the task's own number. */
  | {
      readonly kind: 'forChildren'
      readonly pid: number
      readonly type: NsType
      readonly inum: number | null
    }
  /** A mount point found in mountinfo: opened only if that needs no waiting (openat2 RESOLVE_CACHED). */
  | { readonly kind: 'mount'; readonly path: string; readonly inum: number }
  /** A path that the user named. */
  | { readonly kind: 'path'; readonly path: string; readonly inum: null }

export interface DescribeOptions {
  /** Also ask the number that our network namespace gives to each network namespace. */
  readonly nsid: boolean
}

export interface Description {
  /** One for each request: the inode found, 0 where it failed. */
  readonly inums: Uint32Array
  /** The errno (a number) where `inums` is 0; ESTALE: it is another namespace, or none, by now. */
  readonly errnos: Uint8Array
  /** One for each distinct namespace: those asked for and all their ancestors and owners. */
  readonly facts: readonly NsFacts[]
}

/** One for each namespace asked for. */
export interface PeerNsids {
  /** -1: none assigned, or `errnos` says why not. */
  readonly nsids: Int32Array
  /** The errno (a number) of one that could not be opened or asked for; 0: none. */
  readonly errnos: Uint8Array
}

/** What nsfs says of one namespace (ioctl_nsfs(2)). */
export interface NsFacts {
  readonly inum: number
  readonly type: NsType
  /** Null: the kernel has no ids (before 6.18). */
  readonly id: string | null
  /** Owning user namespace. An errno of EPERM means: none, or outside our own subtree. */
  readonly owner: number | Errno
  /** Null: this type has no parents. */
  readonly parent: number | Errno | null
  /** Null: not a user namespace. */
  readonly ownerUid: number | Errno | null
  /** Null: none assigned, not asked, or not a network namespace. */
  readonly nsid: number | null | Errno
}
