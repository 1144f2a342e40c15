import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { DeepRequest } from './port.ts'

/** What native/addon.cc exports. Columns of one table have equal length. */
export interface Addon {
  listPids(procRoot: string): Int32Array
  scan(
    procRoot: string,
    pids: Int32Array,
    types: readonly string[],
    only: Uint8Array | null,
    descriptors: boolean,
    sockets: boolean,
    deep?: DeepRequest,
  ): ScanColumns
  /** For each pid `stat`, then `status`, `cmdline` and `cgroup` where asked, in `bytes`. */
  read(
    procRoot: string,
    pids: Int32Array,
    status: boolean,
    cmdlineBytes: number,
    cgroup: boolean,
  ): { readonly bytes: Buffer; readonly sizes: Uint32Array; readonly errnos: Uint8Array }
  /** Runs a program to its end, or until it is silent for too long; `error`: an errno, ETIMEDOUT then. */
  converse(
    program: string,
    input: Uint8Array,
    silenceMs: number,
    mostMs: number,
  ): { readonly bytes: Buffer; readonly error: number }
  describe(procRoot: string, handles: HandleColumns, nsid: boolean): NamespaceColumns
  socketNamespaces(
    procRoot: string,
    pids: Int32Array,
    fds: Int32Array,
    inodes: Float64Array,
    tun: boolean,
  ): NamespaceColumns
  /** An errno (a number) for each question where the one namespace could not be joined. */
  inside(
    procRoot: string,
    handle: HandleColumns,
    asks: Uint8Array,
    protocols: Int32Array,
    payloads: readonly Uint8Array[],
  ): (Buffer | number)[]
  peerNsids(
    procRoot: string,
    handle: HandleColumns,
    candidates: HandleColumns,
  ): { readonly error: number; readonly nsids: Int32Array; readonly errnos: Uint8Array }
  statmounts(procRoot: string, handle: HandleColumns): Buffer | number
  pidIn(
    procRoot: string,
    handle: HandleColumns,
    pids: Int32Array,
    from: boolean,
  ): { readonly error: number; readonly pids: Int32Array }
  mountNamespaces(procRoot: string):
    | number
    | {
        readonly inums: Uint32Array
        readonly mounts: {
          readonly inums: Uint32Array
          readonly errnos: Uint8Array
          readonly bytes: readonly Buffer[]
        }
        readonly facts: FactColumns
      }
  listNamespaces(): number | NamespaceColumns
  userName(uid: number): string | null
  /**
   * A descriptor, at least `lowest`, of a file in memory that nobody can change any more. It is not
   * inherited.
   */
  sealedMemory(name: string, bytes: Uint8Array, executable: boolean, lowest: number): number
  /** A descriptor of the file as a mount of its own that cannot be written through. */
  readOnlyMount(path: string, lowest: number): number
  /**
   * Runs the program of a descriptor in place of this process, which is as if Node had never been
   * there: it has descriptors 0 to 2, `plan`, whose number is its only argument, and `keep`.
   */
  exec(program: number, plan: number, keep: Int32Array): never
}

/** One row for each handle; what its kind has no use for is 0. */
export interface HandleColumns {
  readonly kinds: Uint8Array
  readonly pids: Int32Array
  readonly fds: Int32Array
  /** Which of the texts: a type, or a path. */
  readonly names: Uint32Array
  /** What it must turn out to be; 0: any. */
  readonly inums: Uint32Array
  readonly texts: readonly string[]
}

export interface ScanColumns {
  /** The device of nsfs or of sockets is unknown: none of their descriptors were told. */
  readonly undecided: boolean
  /** pids.length × types.length. */
  readonly inums: Uint32Array
  readonly errnos: Uint8Array
  readonly descriptorErrnos: Uint8Array
  readonly namespaces: DescriptorColumns
  readonly sockets: DescriptorColumns
  /** These where `deep` was given. */
  readonly devices?: DescriptorColumns
  readonly netFiles?: DescriptorColumns
  readonly tasks?: TaskColumns
  readonly threadErrnos?: Uint8Array
  readonly forChildrenErrnos?: Uint8Array
}

export interface TaskColumns {
  readonly pids: Int32Array
  readonly tids: Int32Array
  /** Which of the types asked for. */
  readonly types: Uint8Array
  readonly forChildren: Uint8Array
  /** 0: there is one, but no link shows it. */
  readonly inums: Uint32Array
}

export interface DescriptorColumns {
  readonly pids: Int32Array
  readonly fds: Int32Array
  readonly inodes: Float64Array
}

/** One inode or errno for each request, and the facts of the distinct namespaces. */
export interface NamespaceColumns {
  readonly inums: Uint32Array
  readonly errnos: Uint8Array
  readonly facts: FactColumns
}

export interface FactColumns {
  readonly inums: Uint32Array
  /** CLONE_NEW* bits. */
  readonly types: Uint32Array
  /** 0: the kernel has none. */
  readonly ids: BigUint64Array
  readonly owners: Uint32Array
  readonly ownerErrnos: Uint8Array
  readonly parents: Uint32Array
  readonly parentErrnos: Uint8Array
  readonly ownerUids: Uint32Array
  readonly ownerUidErrnos: Uint8Array
  /** -1: none assigned, or not asked. */
  readonly nsids: Int32Array
  readonly nsidErrnos: Uint8Array
}

/** The addon for this machine: the one shipped prebuilt, else the one built here. */
export function loadAddon(packageRoot: string): { addon: Addon } | { error: string } {
  const load = createRequire(join(packageRoot, 'package.json'))
  const reasons: string[] = []
  for (const path of [
    `prebuilds/linux-${process.arch}/nsx.node`,
    'native/build/Release/nsx.node',
  ]) {
    try {
      return { addon: load(join(packageRoot, path)) as Addon }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      reasons.push(code === 'MODULE_NOT_FOUND' ? `${path}: not there` : message)
    }
  }
  return { error: reasons.join('; ') }
}
