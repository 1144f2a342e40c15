import type { Errno } from '../kernel/errno.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { InsideQuestion } from '../model/inside.ts'

/** One thing to be read so that it is known what is inside of a namespace; collect/ carries it out. */
export type ContentsNeed =
  /**
   * `/proc/PID/FILE` of a process in the namespace; there is none for one without processes. `of`: the file
   * tells of the namespace that this link names, so only a process counts whose link names ours.
   */
  | { readonly from: 'process'; readonly file: string; readonly of?: 'time_for_children' }
  /** `/proc/FILE`, which tells of the reader's own namespace: read only where that is the one. */
  | { readonly from: 'own'; readonly file: string }
  /** Asked by a thread that has joined the namespace. */
  | { readonly from: 'inside'; readonly question: InsideQuestion }
  /** `/proc/PID/FILE` of a process in the namespace, read by a thread that has joined it. */
  | { readonly from: 'insideProcess'; readonly file: string }
  /** Our pid of the process that a PID namespace numbers so, in decimal; `ESRCH`: it has none. */
  | { readonly from: 'numbered'; readonly pid: number }
  /** A file below the root of a process in it. */
  | { readonly from: 'root'; readonly path: string; readonly limit: number }
  /** A file of the process's cgroup, where the reader has that hierarchy mounted; `''`: cgroup2. */
  | { readonly from: 'cgroup'; readonly controller: string; readonly file: string }
  /** statmount(2) of all mounts of a mount namespace, one struct after the other. */
  | { readonly from: 'statmount' }

export interface ContentsNeedHow {
  /** Read only where the need of that name could not be, as a poorer way to the same facts. */
  readonly ifFailed?: string
  /** False: what was read does not tell it all, so whatever has this need in `ifFailed` is read as well. */
  enough?(bytes: Uint8Array): boolean
  /** What it is for the namespace that exists since the boot: never read there. */
  readonly ofInitial?: string
}

export type ContentsNeeds = Readonly<Record<string, ContentsNeed & ContentsNeedHow>>

/** The bytes, or why there are none; null: not asked, for there is nobody to ask (no process), or no need to. */
export type Answer = Uint8Array | Errno | null
export type Answers = Readonly<Record<string, Answer>>

/** Where two contents differ: a path of field names and keys, and the value on each side (null: absent). */
export interface Difference {
  readonly path: readonly string[]
  readonly a: unknown
  readonly b: unknown
}

/** Whatever is inside of a namespace: plain data. `unknown` names fields that could not be read. */
export interface Contents {
  readonly type: NsType
  readonly unknown: readonly string[]
}

/** One namespace type: what has to be read, what it says, in one line, and how two differ. All pure. */
export interface ContentsType<C extends Contents> {
  readonly type: C['type']
  readonly needs: ContentsNeeds
  parse(answers: Answers): C
  /** One line without a newline, for a person. */
  summarise(contents: C): string
  /** Empty: they say the same. What is unknown on either side is no difference. */
  compare(a: C, b: C): readonly Difference[]
  /** The value of a difference in a few words for a person; null: as any value is written. */
  describe?(path: readonly string[], value: object): string | null
}
