import type { NsType } from '../kernel/namespace-types.ts'
import type { Container } from './container.ts'
import type { Pair } from './pair.ts'
import type { Coverage, HostInfo, NamespaceField, NsRef, Process, Snapshot } from './snapshot.ts'
import type { NsLinkName, Subject } from './subject.ts'

/** What is inside of a namespace, as contents/ made it: plain data, a shape for each type. */
export interface ContentsData {
  readonly type: NsType
  /** Fields that could not be read. */
  readonly unknown: readonly string[]
}

/** The same, and of which namespace. */
export type InsideOf = ContentsData & { readonly inum: number }

/** A namespace as nsfs tells it, with its place among the others. */
export interface KnownNamespace extends NsRef {
  /** Inode of the owning user namespace; null: none, or `unknown` names the field. */
  readonly owner: number | null
  readonly parent: number | null
  readonly ownerUid: number | null
  /** One of those that exist since the boot. */
  readonly initial: boolean
  readonly unknown: readonly NamespaceField[]
}

/** Who else is in a namespace. */
export interface Membership {
  /** Pids of its member processes, ascending. */
  readonly pids: readonly number[]
  /** There may be more: some processes could not be read. */
  readonly atLeast: boolean
}

/** One task and its namespaces, looked at closely: plain data. */
export interface Inspection {
  readonly subject: Subject
  /** The name of its effective uid; null: it has none, or the uid could not be read. */
  readonly user: string | null
  /** Null: it is in none. Undefined: it could not be told. */
  readonly container?: Container | null | undefined
  /** The links of the task by inode, and all ancestors and owners of these that nsfs would tell. */
  readonly namespaces: readonly KnownNamespace[]
  /** By inode, for the types that were asked for. */
  readonly contents: readonly InsideOf[]
}

/** What `show` of a task was told. */
export interface TaskInspection extends Inspection {
  readonly host: HostInfo
  readonly coverage: Coverage
  /** By link; what could not be read has no entry. */
  readonly members: Readonly<Partial<Record<NsLinkName, Membership>>>
  /** The containers of the members, by pid; null: in none. One that is not there was not asked for, or could not be told. */
  readonly containers: Readonly<Record<number, Container | null>>
}

/** One side of a comparison: a task, or a single namespace. */
export interface ComparedSide {
  /** Null: a namespace was named, no task. */
  readonly task: Pick<Inspection, 'subject' | 'user' | 'container'> | null
  /** Inode by type, as far as they could be read. */
  readonly inums: Readonly<Partial<Record<NsType, number>>>
  /** By inode. */
  readonly contents: readonly InsideOf[]
}

/** What `diff` was told of both sides, within one reading. */
export interface PairInspection {
  readonly host: HostInfo
  readonly coverage: Coverage
  /** The types that are compared. */
  readonly types: readonly NsType[]
  /** The namespaces of both sides, their ancestors and owners. */
  readonly namespaces: readonly KnownNamespace[]
  readonly a: ComparedSide
  readonly b: ComparedSide
  /** What the rules of what follows ask about two tasks; null: not both are tasks. */
  readonly pair: Pair | null
}

/** What `show` of a namespace was told. */
export interface NamespaceInspection {
  readonly snapshot: Snapshot
  readonly inum: number
  /** Its member processes, topmost ones first, then by pid; those that have ended meanwhile are left out. */
  readonly members: readonly Process[]
  /** By pid; null: in none. One that is not there could not be told. */
  readonly containers: Readonly<Record<number, Container | null>>
  /** Null: not asked for. */
  readonly contents: InsideOf | null
}
