import type { CgroupMembership } from '../kernel/cgroup-membership.ts'
import type { Errno } from '../kernel/errno.ts'
import type { IdMapLine } from '../kernel/id-map.ts'
import type { Limit } from '../kernel/limits.ts'
import type { MountinfoLine } from '../kernel/mountinfo.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { SecurityLabel } from '../kernel/security-label.ts'
import type { Caller } from './caller.ts'
import type { ByteString } from './exec-plan.ts'
import type { SeenFiles } from './seen-files.ts'
import type { Subject } from './subject.ts'

/** All that is looked at before `enter` is planned: plain data. What could not be read is null. */
export interface EnterFacts {
  readonly caller: Caller
  /** Null: none was named. */
  readonly target: EnterTarget | null
  /** The namespaces that were named by themselves. */
  readonly named: ReadonlyMap<NsType, NamedSource>
  /** Inode of the network namespace of the target's socket; null: not asked, or it could not be told. */
  readonly socketNamespace: number | null
  /** setns(2) takes a pidfd (Linux 5.8). */
  readonly pidfdSetns: boolean
  /** Of user namespaces by inode: those of the target and of named tasks. */
  readonly maps: ReadonlyMap<number, UserMaps>
  /** Text of /etc/passwd under the root that the command will have, one character a byte. */
  readonly passwd: string | null
  /** What is where the command will look for its program and directory; null: not asked. */
  readonly files: SeenFiles | null
  /** Text of the target's /etc/resolv.conf. */
  readonly resolvConf: string | null
  /** Cgroup file systems that the caller has mounted; empty: not asked. */
  readonly cgroupMounts: readonly MountinfoLine[]
  readonly callerCgroups: readonly CgroupMembership[] | null
  /** Of the caller; empty: not asked. */
  readonly callerLimits: readonly Limit[]
  readonly callerOomScore: number | null
}

/** Ids inside, and the same as the reader sees them. */
export interface UserMaps {
  readonly uids: readonly IdMapLine[] | null
  readonly gids: readonly IdMapLine[] | null
}

export interface EnterTarget {
  /** As sentences call it: `pid 812`, `web (pid 812)`. */
  readonly name: string
  readonly subject: Subject
  /** Its process; a pidfd of it can be opened. Of the leader itself it is the same as the subject. */
  readonly process: { readonly pid: number; readonly startTicks: string }
  /** A thread is meant, or the first thread has ended: setns(2) with a pidfd would mean another one. */
  readonly thread: boolean
  /** Where its files are: `/proc/812`, `/proc/812/task/815`. */
  readonly folder: string
  /** The namespaces that it is in, as far as they could be read; of a thread, its own. */
  readonly inums: Readonly<Partial<Record<NsType, number>>>
  /** Why the others could not. */
  readonly errnos: Readonly<Partial<Record<NsType, Errno>>>
  /** Its root is not that of its mount namespace; null: it cannot be told. */
  readonly chrooted: boolean | null
  readonly cgroups: readonly CgroupMembership[] | null
  readonly limits: readonly Limit[]
  readonly oomScore: number | null
  readonly environment: readonly ByteString[] | null
  readonly label: SecurityLabel | null
}

/** Where a namespace that was named by itself can be opened. */
export interface NamedSource {
  /** After its type: `of web (pid 812)`, `/run/netns/blue`. */
  readonly name: string
  /** Null: only by its id. */
  readonly path: string | null
  /** Null: it could not be read; `errno` says why. */
  readonly inum: number | null
  readonly errno: Errno | null
  /** Where its id is what was named. */
  readonly id: string | null
  /** A PID namespace whose first process has ended. */
  readonly dead?: boolean
}
