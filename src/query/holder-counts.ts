import { HOLDER_KINDS, type HolderKind, type Namespace, type Snapshot } from '../model/snapshot.ts'

/** Null: that source was not asked, or is not to be had. */
export type HolderCounts = Record<HolderKind, number | null>

/** The source of a Snapshot that finds holders of a kind. */
const SOURCE_OF_KIND: Readonly<Record<HolderKind, string>> = {
  process: 'processes',
  thread: 'threads',
  forChildren: 'forChildren',
  descriptor: 'descriptors',
  socket: 'sockets',
  mount: 'mounts',
  child: 'relatives',
  owned: 'relatives',
  device: 'devices',
}

/** Whether a source was asked, and answered. */
export function isRead({ coverage }: Snapshot, source: string): boolean {
  return coverage.sources.some(
    ({ name, state }) => name === source && (state === 'read' || state === 'partial'),
  )
}

/** 0 for each kind whose source was read, null for the others. */
export function noHolders(snapshot: Snapshot): HolderCounts {
  const counts = HOLDER_KINDS.map((kind) => [
    kind,
    isRead(snapshot, SOURCE_OF_KIND[kind]) ? 0 : null,
  ])
  return Object.fromEntries(counts) as HolderCounts
}

/**
 * How many of each kind hold a namespace. Most have members alone: those of one number share one object, which
 * `membersOnly` keeps.
 */
export function countHolders(
  { members, holders }: Pick<Namespace, 'members' | 'holders'>,
  {
    none,
    membersOnly,
  }: { readonly none: HolderCounts; readonly membersOnly: Map<number, HolderCounts> },
): HolderCounts {
  let counts = holders.length === 0 ? membersOnly.get(members.length) : undefined
  if (counts) return counts
  counts = { ...none }
  if (members.length > 0) counts.process = members.length
  for (const { kind } of holders) counts[kind] = (counts[kind] ?? 0) + 1
  if (holders.length === 0) membersOnly.set(members.length, counts)
  return counts
}
