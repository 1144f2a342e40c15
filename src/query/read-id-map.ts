import type { AskedMap, AskedRange } from '../model/run-request.ts'
import { misuse } from './misuse.ts'
import { readId, readNumber, refuseTogether } from './read-value.ts'

/** Names of users and groups as they are here, where the command line is written; null: there is none. */
export interface IdLookUp {
  readonly uid: (name: string) => number | null
  readonly gid: (name: string) => number | null
}

export interface MapWords {
  readonly 'map-root-user': boolean
  readonly 'map-current-user': boolean
  readonly 'map-user': string | undefined
  readonly 'map-group': string | undefined
  readonly 'map-users': readonly string[] | undefined
  readonly 'map-groups': readonly string[] | undefined
  readonly 'map-auto': boolean
  readonly 'map-subids': boolean
}

const CONFLICTS = [
  ['map-root-user', 'map-current-user'],
  ['map-root-user', 'map-user'],
  ['map-root-user', 'map-group'],
  ['map-current-user', 'map-user'],
  ['map-current-user', 'map-group'],
] as const

/** Ids of users or of groups. */
export type IdKind = 'uid' | 'gid'

const KINDS = {
  uid: { noun: 'user', self: 'map-user', ranges: 'map-users' },
  gid: { noun: 'group', self: 'map-group', ranges: 'map-groups' },
} as const satisfies Record<IdKind, object>

/** The maps that were asked for. @throws NsxError (usage) */
export function readIdMaps(
  words: MapWords,
  lookUp: IdLookUp,
): { readonly uidMap: AskedMap; readonly gidMap: AskedMap } {
  refuseTogether(CONFLICTS, (flag) => {
    const value = words[flag as keyof MapWords]
    return value !== undefined && value !== false
  })
  return { uidMap: readMap('uid', words, lookUp), gidMap: readMap('gid', words, lookUp) }
}

function readMap(kind: IdKind, words: MapWords, lookUp: IdLookUp): AskedMap {
  const { self, ranges } = KINDS[kind]
  const one = words[self]
  return {
    self: words['map-root-user']
      ? 0
      : words['map-current-user']
        ? 'same'
        : one === undefined
          ? null
          : readNamedId(one, { kind, flag: `--${self}` }, lookUp),
    ranges: [
      ...(words[ranges] ?? []).map((text) => readRange(text, `--${ranges}`)),
      ...(words['map-auto'] ? (['auto'] as const) : []),
      ...(words['map-subids'] ? (['subids'] as const) : []),
    ],
  }
}

/** An id, or the name of a user or group. @throws NsxError (usage) */
export function readNamedId(
  text: string,
  { kind, flag }: { readonly kind: IdKind; readonly flag: string },
  lookUp: IdLookUp,
): number {
  if (/^-?\d+$/.test(text)) return readId(text, flag)
  const id = lookUp[kind](text)
  if (id !== null) return id
  throw misuse('unknown-name', `${flag} ${text}: there is no such ${KINDS[kind].noun}`, {
    target: flag,
    hint: 'write its number; names are looked up in /etc/passwd and /etc/group alone',
  })
}

const WORDS: readonly string[] = ['auto', 'subids', 'all'] satisfies AskedMap['ranges'][number][]

/** `INNER:OUTER:COUNT`, or as unshare once had it, `OUTER,INNER,COUNT`. */
function readRange(text: string, flag: string): AskedMap['ranges'][number] {
  if (WORDS.includes(text)) return text as 'auto' | 'subids' | 'all'
  const colons = /^(\d+):(\d+):(\d+)$/.exec(text)
  const [, first, second, length] = colons ?? /^(\d+),(\d+),(\d+)$/.exec(text) ?? []
  if (first === undefined || second === undefined || length === undefined) {
    throw misuse('bad-map', `${flag} ${text}: that is no range of ids`, {
      target: flag,
      hint: 'write INNER:OUTER:COUNT, as in 0:100000:65536, or auto, subids or all',
    })
  }
  const [inside, outside] = colons ? [first, second] : [second, first]
  return checkedRange(
    {
      inside: readId(inside, flag),
      outside: readId(outside, flag),
      count: readNumber(length, { flag, least: 1, most: MOST, what: 'how many ids' }),
    },
    `${flag} ${text}`,
  )
}

/** 4294967295 is no id: -1 of 32 bits. */
const MOST = 0xffff_ffff

function checkedRange(range: AskedRange, words: string): AskedRange {
  const last = Math.max(range.inside, range.outside) + range.count - 1
  if (last < MOST) return range
  throw misuse('bad-map', `${words}: the range ends at ${last}, and ids end at ${MOST - 1}`, {
    target: words,
    hint: `take a COUNT of at most ${MOST - Math.max(range.inside, range.outside)}`,
  })
}
