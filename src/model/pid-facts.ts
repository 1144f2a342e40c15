import type { Container } from './container.ts'
import type { Inspection, KnownNamespace } from './inspection.ts'
import type { Coverage, HostInfo, NsRef } from './snapshot.ts'
import type { Target } from './target.ts'

/** A process as it is named where its pid is to be translated. `text` is what was written. */
export interface PidWord {
  readonly text: string
  readonly target: Target
  /** `7@…` of something that is no container: its pid in the PID namespace of the target. Null: the target itself. */
  readonly pid: number | null
}

/** One task whose pids are translated. */
export interface PidTask extends Pick<Inspection, 'subject' | 'user' | 'container'> {
  readonly text: string
  /** Of a thread: the pids of its process, as `subject.nsPids`; empty: not told. Null: it is a process. */
  readonly processPids: readonly number[] | null
  /** What the other PID namespace calls it, as the kernel says; 0: nothing. Null: not asked, or not told. */
  readonly told: number | null
}

/** The first process of a PID namespace, pid 1 in it. */
export interface PidInit {
  readonly inum: number
  /** As the reader sees it. */
  readonly pid: number
  /** Null: in none. Undefined: it could not be told. */
  readonly container?: Container | null | undefined
}

/** What a translation of pids was told. */
export interface PidFacts {
  readonly host: HostInfo
  readonly coverage: Coverage
  /** The PID namespaces of the tasks, their ancestors and owners. */
  readonly namespaces: readonly KnownNamespace[]
  readonly tasks: readonly PidTask[]
  readonly inits: readonly PidInit[]
  /** The PID namespace of the procfs; null: it is not that of the reader. */
  readonly top: NsRef | null
  /** The PID namespace that asks. Null inode: it could not be read. */
  readonly within: { readonly text: string; readonly inum: number | null } | null
}
