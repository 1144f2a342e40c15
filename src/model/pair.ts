import type { CgroupMembership } from '../kernel/cgroup-membership.ts'
import type { IdMapLine } from '../kernel/id-map.ts'
import type { MountPlace } from '../kernel/mount-places.ts'
import type { TimensOffsets } from '../kernel/timens-offsets.ts'
import type { Subject } from './subject.ts'

/** A user namespace as far as the rules of capabilities need it. */
export interface UserNamespace {
  readonly inum: number
  /** Null: the initial one has none; of another one, it is out of the reader's sight. */
  readonly parent: number | null
  /** Of its creator, as the reader's user namespace sees it; null: it could not be read. */
  readonly ownerUid: number | null
}

/** What nsfs says of the namespaces of two tasks, their ancestors and owners. */
export interface Kinship {
  /** All user namespaces by inode. */
  readonly users: ReadonlyMap<number, UserNamespace>
  /** The parent of each PID namespace by inode; null as in UserNamespace. */
  readonly pidParents: ReadonlyMap<number, number | null>
  /** The owning user namespace of any other namespace, by inode; null: it could not be read. */
  readonly owners: ReadonlyMap<number, number | null>
}

/** One of two tasks, with what the rules ask of it beside the Subject. Null: it could not be read. */
export interface Side {
  /** As sentences call it. */
  readonly name: string
  readonly subject: Subject
  /** Ids of the task's user namespace (inside) and the same as the reader sees them (outside). */
  readonly uidMap: readonly IdMapLine[] | null
  readonly gidMap: readonly IdMapLine[] | null
  /** PR_SET_DUMPABLE (prctl(2)), as far as the owner of its files in /proc tells. */
  readonly dumpable: boolean | null
  readonly mounts: readonly MountPlace[] | null
  readonly cgroups: readonly CgroupMembership[] | null
  /** The pids of its parent, that one's parent and so on; read only where Yama asks for them. */
  readonly ancestors: readonly number[] | null
  /** Of its own time namespace. */
  readonly offsets: TimensOffsets | null
}

/** Two tasks, and what lies between them. */
export interface Pair {
  readonly a: Side
  readonly b: Side
  readonly kinship: Kinship
  /** The reader is in the initial user namespace, so the ids it sees are the kernel's own. */
  readonly kernelIds: boolean
  /** /proc/sys/kernel/yama/ptrace_scope; null: there is no Yama. */
  readonly yama: number | null
  /** The loopback interface is up where both are in one network namespace; null: they are not, or it is not told. */
  readonly loopback: boolean | null
}
