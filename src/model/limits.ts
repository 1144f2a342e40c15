import type { IdMapLine } from '../kernel/id-map.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { UserNamespace } from './pair.ts'
import type { RunFacts } from './run-facts.ts'
import type { Coverage, HostInfo, Namespace } from './snapshot.ts'
import type { Subject } from './subject.ts'

/** A limit of a user namespace at which whoever is charged there has arrived. */
export interface ReachedLimit {
  readonly type: NsType
  /** The user namespace of which the limit is. */
  readonly userNs: number
  /** Who is charged there. */
  readonly uid: number
  readonly used: number
  readonly limit: number
  /** False: it rests on who has probably created them. */
  readonly certain: boolean
}

/** What decides how many namespaces a task may have: plain data. Ids are as the reader sees them. */
export interface LimitsFacts {
  readonly host: HostInfo
  readonly coverage: Coverage
  /** As it was named; null: the caller itself. */
  readonly target: string | null
  /** Null: a namespace was named. */
  readonly subject: Subject | null
  /** The name of whom it runs as. */
  readonly user: string | null
  /** The user namespace that it is in, or that owns the one that was named; null: it could not be read. */
  readonly userNs: number | null
  /** It was told by inference. */
  readonly userNsInferred: boolean
  /** How many PID namespaces lie above that of the task; null: that is out of sight, or none was meant. */
  readonly pidLevel: number | null
  /** All that were found. */
  readonly namespaces: readonly Namespace[]
  /** Inodes of those of the boot, which count nowhere. */
  readonly initial: readonly number[]
  /** All user namespaces by inode. */
  readonly users: ReadonlyMap<number, UserNamespace>
  /** Ids of a user namespace and the same as the reader sees them, of those from `userNs` upwards. */
  readonly maps: ReadonlyMap<number, readonly IdMapLine[]>
  /** The reader's user namespace; the limits are its own. Null: its procfs does not show it. */
  readonly reader: number | null
  readonly limits: RunFacts['limits']
  /** Of the task; null: a namespace was named, or too little of the task can be read. */
  readonly run: RunFacts | null
  readonly system: SystemSettings
}

/** Of the kernel, for everybody; null: it could not be read, or there is none such. */
export interface SystemSettings extends Pick<RunFacts, 'unprivilegedUsers' | 'appArmorRestricts'> {
  /** Types that this kernel was built without. */
  readonly missing: readonly NsType[]
  /** Active security modules, by name (/sys/kernel/security/lsm). */
  readonly modules: readonly string[] | null
  /** Of SELinux. */
  readonly enforcing: boolean | null
}
