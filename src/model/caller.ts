import type { IdMapLine } from '../kernel/id-map.ts'
import type { ByteString } from './exec-plan.ts'
import type { Kinship } from './pair.ts'
import type { Subject } from './subject.ts'

/** Whoever acts: nsx itself, looked at as any other task, and what around it decides what it may do. */
export interface Caller {
  readonly subject: Subject
  /** Of the caller's namespaces, and of whatever else is involved. */
  readonly kinship: Kinship
  /** Ids are the kernel's own: the caller is in the initial user namespace. */
  readonly kernelIds: boolean
  readonly uidMap: readonly IdMapLine[] | null
  readonly gidMap: readonly IdMapLine[] | null
  /** setgroups(2) is allowed in its user namespace (user_namespaces(7)); null: it could not be read. */
  readonly setgroups: boolean | null
  /** Its root directory is not that of its mount namespace; null: it cannot be told. */
  readonly chrooted: boolean | null
  /** Something is mounted at its root directory; null: it could not be read. */
  readonly rootIsMount: boolean | null
  /** There is a controlling terminal: /dev/tty can be opened. */
  readonly terminal: boolean
  /** Its environment as it was started, `NAME=value` each. */
  readonly environment: readonly ByteString[]
  /** RLIMIT_NOFILE as it was before Node raised the soft one; null: nothing to restore. */
  readonly openFiles: { readonly soft: string; readonly hard: string } | null
  /** What its environment or the passwd says; null: nothing. */
  readonly shell: string | null
}
