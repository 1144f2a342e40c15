import type { Errno } from '../kernel/errno.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { InsideQuestion } from '../model/inside.ts'

/** One thing to be read so that it is known what is inside of a namespace; collect/ carries it out. */
export type ContentsNeed =
  /** `/proc/PID/FILE` of a process in the namespace; there is none for one without processes. */
  | { readonly from: 'process'; readonly file: string }
  /** Asked by a thread that has joined the namespace. */
  | { readonly from: 'inside'; readonly question: InsideQuestion }
  /** A file below the root of a process in it. */
  | { readonly from: 'root'; readonly path: string; readonly limit: number }
  /** statmount(2) of all mounts of a mount namespace, one struct after the other. */
  | { readonly from: 'statmount' }

/** `ifFailed`: read only where the need of that name could not be, as a poorer way to the same facts. */
export type ContentsNeeds = Readonly<Record<string, ContentsNeed & { readonly ifFailed?: string }>>

/** The bytes, or why there are none; null: not asked, for there is no process in the namespace. */
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
}
