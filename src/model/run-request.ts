import type { NsType } from '../kernel/namespace-types.ts'
import type { ByteString } from './exec-plan.ts'

/** One line of a map as it was asked for: ids inside, ids outside, how many. */
export interface AskedRange {
  readonly inside: number
  readonly outside: number
  readonly count: number
}

/** Whom an id map comes from: nothing said; one id; ranges, /etc/subuid and all that there is, in order. */
export interface AskedMap {
  /** The one id inside that the caller becomes; a name is looked up before. Null: not asked. */
  readonly self: number | 'same' | null
  readonly ranges: readonly (AskedRange | 'auto' | 'subids' | 'all')[]
}

export const PROPAGATIONS = ['private', 'slave', 'shared', 'unchanged'] as const
export type Propagation = (typeof PROPAGATIONS)[number]

/** `run`, as a person asked for it: plain data. */
export interface RunRequest {
  /** By type; a path: it is bound there, and outlives the command. */
  readonly namespaces: ReadonlyMap<NsType, string | null>
  readonly fork: boolean
  /** With a PID namespace: pid 1 is an init of ours. */
  readonly init: boolean
  /** clone3(2) instead of unshare(2). */
  readonly clone: boolean
  readonly uidMap: AskedMap
  readonly gidMap: AskedMap
  /** Ids inside to whom the user namespace is given, `UID:GID`; null: not asked. */
  readonly owner: { readonly uid: number; readonly gid: number } | null
  readonly setgroups: 'allow' | 'deny' | null
  readonly propagation: Propagation | null
  /** Where a new /proc is mounted. */
  readonly mountProc: string | null
  readonly mountBinfmt: string | null
  /** As binfmt_misc registers it. */
  readonly loadInterpreter: string | null
  readonly root: string | null
  readonly workingDirectory: string | null
  readonly uid: number | null
  readonly gid: number | null
  /** Seconds. */
  readonly monotonic: number | null
  readonly boottime: number | null
  /** Signal number; null: the command outlives us. */
  readonly killChild: number | null
  readonly keepCapabilities: boolean
  readonly clearEnvironment: boolean
  /** Names that outlast clearEnvironment. */
  readonly environmentKept: readonly string[]
  readonly hostname: string | null
  readonly loopback: boolean
  /** Of cgroup2, below its root. */
  readonly cgroupPath: string | null
  readonly pty: boolean | null
  readonly preserveFds: number
  readonly statusFd: number | null
  readonly dryRun: boolean
  /** Empty: the caller's shell, else /bin/sh. */
  readonly command: readonly ByteString[]
}
