import type { Errno } from '../kernel/errno.ts'
import type { MountinfoLine } from '../kernel/mountinfo.ts'
import type { CgroupLine } from '../kernel/proc-cgroup.ts'
import type { Container, ContainerFamily, Evidence } from '../model/container.ts'

/** All that is known of a process when it is asked what it is contained in. */
export interface ProcessEvidence {
  /** All lines of its /proc/PID/cgroup. */
  readonly cgroups: readonly CgroupLine[]
  /** The process itself, its parent, its parent's parent, and so on. */
  readonly lineage: readonly Relative[]
  /** Its mounts; null: they were not read. */
  readonly mounts: readonly MountinfoLine[] | null
}

export interface Relative {
  readonly pid: number
  readonly comm: string
  /** Empty: a kernel thread, a zombie, or a process that wiped it. */
  readonly args: readonly string[]
  /** Effective uid; null: it could not be read. */
  readonly uid: number | null
}

/** A directory on the way from the leaf of a process's cgroup to the root: is it a container's? */
export interface CgroupPlace {
  /** From the root down to the directory that is asked about. */
  readonly path: readonly string[]
  /** What is left below it, down to the leaf. */
  readonly below: readonly string[]
  readonly evidence: ProcessEvidence
}

/** A relative of a process: does it watch over a container that the process is in? */
export interface ProcessPlace {
  /** Of the lineage; 0: the process itself, which tells something in few families only. */
  readonly index: number
  readonly relative: Relative
  readonly evidence: ProcessEvidence
}

/** What people call it; undefined: not known (yet). */
export type Naming = Partial<Pick<Container, 'kind' | 'name' | 'image' | 'pod' | 'compose'>>

/** A file that may tell more. */
export interface Want {
  /** Below what: our own root, or a directory of a process (its link below /proc/PID). */
  readonly below: 'host' | { readonly pid: number; readonly link: 'cwd' | 'root' }
  /** Relative to it. */
  readonly path: string
  /** Whose it must be, where that is not whoever made the container. */
  readonly owner?: number
}

export interface Match {
  readonly kind: Container['kind']
  readonly id: string | null
  /** What the evidence itself tells. */
  readonly told: Naming
  /** The fields that every container of this family has: unknown where nothing tells them. */
  readonly tells: readonly ('name' | 'image' | 'pod' | 'compose')[]
  /** How many directories of the path are outside of it; not of a match by a process. */
  readonly rest?: number
  /** Index in the lineage of the process that watches over it; null: none is seen. */
  readonly monitor: number | null
  readonly wants: readonly Want[]
  /** It is no container unless one of the wanted files says so: its form alone means nothing. */
  readonly doubtful?: true
  /** What does not follow from the cgroup's path or the monitor. */
  readonly evidence?: readonly Evidence[]
}

/** The text of a wanted file, or why there is none. */
export type WantedText = { readonly text: string } | { readonly errno: Errno }

export interface WantedFile {
  readonly want: Want
  readonly answer: WantedText
}

/** Undefined: these files tell nothing. `wants`: they name a file that may tell more. */
export type Told = (Naming & { readonly wants?: readonly Want[] }) | undefined

/** One family of runtimes. All of it is pure: it says what it wants read, and collect/ reads it. */
export interface Family {
  readonly family: ContainerFamily
  /** The container whose cgroup is exactly this directory. */
  inCgroup?(place: CgroupPlace): Match | null
  /** The container that this relative watches over, and that the process is in. */
  byProcess?(place: ProcessPlace): Match | null
  /** The container that the mounts of a process tell of. */
  byMounts?(evidence: ProcessEvidence): Match | null
  /** What the wanted files say. Their text is anybody's: it may be cut, or no JSON at all. */
  name?(match: Match, files: readonly WantedFile[]): Told
  /** A sandbox of this family is how one of ours is made, and no container of its own. */
  readonly absorbs?: readonly string[]
}
