import { createRequire } from 'node:module'
import { join } from 'node:path'

/** What native/addon.cc exports. Columns of one table have equal length. */
export interface Addon {
  listPids(procRoot: string): Int32Array
  scan(
    procRoot: string,
    pids: Int32Array,
    types: readonly string[],
    descriptors: boolean,
    sockets: boolean,
  ): {
    /** The device of nsfs or of sockets is unknown: none of their descriptors were told. */
    readonly undecided: boolean
    /** pids.length × types.length. */
    readonly inums: Uint32Array
    readonly errnos: Uint8Array
    readonly descriptorErrnos: Uint8Array
    readonly namespaces: DescriptorColumns
    readonly sockets: DescriptorColumns
  }
  /** For each pid `stat`, then `status` and `cmdline` where asked, one after the other in `bytes`. */
  read(
    procRoot: string,
    pids: Int32Array,
    status: boolean,
    cmdlineBytes: number,
  ): { readonly bytes: Buffer; readonly sizes: Uint32Array; readonly errnos: Uint8Array }
  describe(
    procRoot: string,
    kinds: Uint8Array,
    paths: readonly string[],
    inums: Uint32Array,
    nsid: boolean,
  ): NamespaceColumns
  socketNamespaces(
    procRoot: string,
    pids: Int32Array,
    fds: Int32Array,
    inodes: Float64Array,
  ): NamespaceColumns
  userName(uid: number): string | null
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
