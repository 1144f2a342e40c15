import type { NsType } from '../kernel/namespace-types.ts'

/** The names that nsenter(1) and unshare(1) gave to the flags of the types. */
type NsFlag = 'mount' | Exclude<NsType, 'mnt'>

/** Whether the flag of each type was given, and with which value. */
export type NamespaceWords = { readonly [Flag in NsFlag]: boolean } & {
  readonly [Flag in NsFlag as `${Flag}-from`]: string | undefined
}

export function nsFlag(type: NsType): NsFlag {
  return type === 'mnt' ? 'mount' : type
}

/** Null: it was not given; else its value, undefined where it has none. */
export function nsWord(words: NamespaceWords, type: NsType): { from: string | undefined } | null {
  const flag = nsFlag(type)
  return words[flag] ? { from: words[`${flag}-from`] } : null
}
