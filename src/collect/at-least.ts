import { NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'
import type { HolderKind } from '../model/snapshot.ts'
import type { Draft, DraftNamespace } from './draft.ts'

/** What only a deep look asks for, and the types that have such holders; null: all. */
const DEEP: readonly { source: string; kind: HolderKind; of: readonly NsType[] | null }[] = [
  { source: 'threads', kind: 'thread', of: null },
  { source: 'forChildren', kind: 'forChildren', of: ['pid', 'time'] },
  { source: 'mountNamespaces', kind: 'mount', of: null },
  { source: 'devices', kind: 'device', of: ['net'] },
]

/**
 * The kinds of holders of which a namespace may have more than were found: a process that could not
 * be read may be a member too, or hold the namespace by a descriptor or socket.
 */
export function kindsAtLeast(draft: Draft): (ns: DraftNamespace) => readonly HolderKind[] {
  const { gaps, sources, untold, strayed } = draft
  const missed = new Set([...gaps.values()].map(({ source }) => source))
  // Partial without a gap: descriptors that could not be told apart, sockets that nobody could ask.
  const lacks = (name: string): boolean => missed.has(name) || sources.get(name) === 'partial'
  const descriptors = sources.has('descriptors') && lacks('descriptors')
  const sockets = sources.has('sockets') && (lacks('sockets') || missed.has('descriptors'))
  const deep = DEEP.filter(({ source }) => sources.has(source) && lacks(source))
  const kindsOf = (type: NsType, process: boolean): HolderKind[] => [
    ...(process ? (['process'] as const) : []),
    ...(descriptors ? (['descriptor'] as const) : []),
    ...(sockets && type === 'net' ? (['socket'] as const) : []),
    ...deep.filter(({ of }) => of === null || of.includes(type)).map(({ kind }) => kind),
  ]
  const told = new Map(
    NS_TYPE_NAMES.map((type) => [type, kindsOf(type, (untold.get(type) ?? 0) > 0)]),
  )
  return (ns) => {
    // Nobody that could be compared with is in it, so it may be where the strayed ones are.
    const suspected = ns.members.length === 0 && strayed.has(ns.type)
    return suspected ? kindsOf(ns.type, true) : (told.get(ns.type) as HolderKind[])
  }
}
