import { NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'
import { misuse } from './misuse.ts'
import { nsFlag, nsWord } from './namespace-words.ts'
import type { RunWords } from './read-run-request.ts'
import { readWord } from './read-value.ts'

type RunFlag = keyof RunWords

/** What makes a namespace of a type without naming it, as in unshare(1). */
const IMPLIED: Readonly<Partial<Record<NsType, readonly RunFlag[]>>> = {
  user: [
    ...(['map-root-user', 'map-current-user', 'map-user', 'map-group'] as const),
    ...(['map-users', 'map-groups', 'map-auto', 'map-subids'] as const),
    ...(['owner', 'mount-binfmt', 'load-interp'] as const),
  ],
  mnt: ['mount-proc', 'mount-binfmt', 'load-interp'],
}

/** What has no meaning without a namespace of a type, which is not made for it unasked. */
const NEEDED: readonly (readonly [flag: RunFlag, type: NsType, why: string])[] = [
  ['setgroups', 'user', 'it is a setting of a new user namespace'],
  ['propagation', 'mnt', 'it is about the mounts of a new mount namespace'],
  ['hostname', 'uts', 'it would rename this machine'],
  ['loopback', 'net', 'it is about the interface of a new network namespace'],
  ['monotonic', 'time', 'it is a setting of a new time namespace'],
  ['boottime', 'time', 'it is a setting of a new time namespace'],
  ['no-init', 'pid', 'there is an init in a new PID namespace only'],
]

function isGiven(value: RunWords[RunFlag]): boolean {
  return value !== undefined && value !== false
}

/** The namespaces that are made, and where each is bound. */
export function readNamespaces(words: RunWords): Map<NsType, string | null> {
  return new Map(
    NS_TYPE_NAMES.flatMap((type): [NsType, string | null][] => {
      const word = nsWord(words, type)
      if (word?.from !== undefined)
        return [[type, readWord(word.from, `--${nsFlag(type)}`, 'a file')]]
      const isImplied = (IMPLIED[type] ?? []).some((flag) => isGiven(words[flag]))
      return word !== null || isImplied ? [[type, null]] : []
    }),
  )
}

/** @throws NsxError (usage) for a flag that has no meaning without a namespace that is not made. */
export function requireNamespaces(words: RunWords, namespaces: ReadonlyMap<NsType, unknown>): void {
  for (const [flag, type, why] of NEEDED) {
    if (!isGiven(words[flag]) || namespaces.has(type)) continue
    throw misuse('missing-namespace', `--${flag} needs --${nsFlag(type)}: ${why}`, {
      target: `--${flag}`,
      hint: `add --${nsFlag(type)}`,
    })
  }
}

/**
 * A process is in a time namespace from clone3(2) on, and from then on its offsets are fixed.
 *
 * @throws NsxError (usage)
 */
export function refuseFrozenOffsets(words: RunWords): void {
  const flag = (['monotonic', 'boottime'] as const).find((each) => words[each] !== undefined)
  if (!words.clone || flag === undefined) return
  throw misuse(
    'conflicting-flags',
    `--clone and --${flag} exclude each other: after clone3(2) the offsets of a time namespace ` +
      'are fixed (EACCES)',
    { target: `--${flag}`, hint: 'leave out --clone: unshare(2) lets them be written first' },
  )
}
