import type { NsType } from '../kernel/namespace-types.ts'
import type { ByteString } from './exec-plan.ts'
import type { Target } from './target.ts'

/** Where a namespace comes from: the target; or what was named: a task, a file, an inode or an id. */
export type NamespaceSource =
  | { readonly from: 'target' }
  | { readonly from: 'named'; readonly target: Target }

/** `enter`, as a person asked for it: plain data. */
export interface EnterRequest {
  /** Null: none is needed, for every namespace was named by itself. */
  readonly target: Target | null
  /** The inode that the pidfd of the target must have (`-t PID:INODE`); null: any. */
  readonly targetInode: string | null
  /** By type; empty, and not `all`: every namespace in which the target differs. */
  readonly namespaces: ReadonlyMap<NsType, NamespaceSource>
  /** Every type, as far as it goes. */
  readonly all: boolean
  /** Also the user namespace that owns what is entered. */
  readonly userParent: boolean
  /** Network namespace of this socket of the target. */
  readonly netSocket: number | null
  /** `target`: its own root directory. */
  readonly root: 'target' | { readonly path: string } | null
  readonly workingDirectory: 'target' | { readonly path: string } | null
  /** Looked up within the namespaces and the root. */
  readonly innerDirectory: string | null
  readonly uid: number | 'follow' | null
  readonly gid: number | 'follow' | null
  readonly preserveCredentials: boolean
  readonly keepCapabilities: boolean
  /** The environment of the target instead. */
  readonly targetEnvironment: boolean
  readonly keepEnvironment: boolean
  readonly fork: boolean
  readonly joinCgroup: boolean
  readonly followContext: boolean
  /** No stronger than the target. */
  readonly like: boolean
  readonly dns: boolean
  readonly sys: boolean
  /** Null: where there is a terminal and the target is less trusted. */
  readonly pty: boolean | null
  /** Descriptors from 3 on that the command is to have: so many. */
  readonly preserveFds: number
  readonly statusFd: number | null
  readonly dryRun: boolean
  /** Empty: the shell of the target, else /bin/sh. */
  readonly command: readonly ByteString[]
}
