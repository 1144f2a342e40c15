import { isInitialInum, type NsType } from '../../kernel/namespace-types.ts'
import type { Coverage, Snapshot } from '../../model/snapshot.ts'

/** What could not be looked at, of that which might hold a namespace. */
export interface Unread {
  /** Processes of which something could not be read, at least. */
  readonly processes: number
  /** Kinds of holders that were not looked for at all, in words. */
  readonly sources: readonly string[]
  /** Processes that are out of sight: of other users (hidepid), or outside of our PID namespace. */
  readonly hidden: boolean
  /** All was read that there is to be read. */
  readonly complete: boolean
}

/** Which sources find what can hold a namespace of a type, and what each finds, in words. */
const FINDERS: readonly {
  readonly source: string
  readonly finds: string
  readonly types?: readonly NsType[]
}[] = [
  { source: 'processes', finds: 'processes' },
  { source: 'threads', finds: 'threads' },
  { source: 'forChildren', finds: '*_for_children', types: ['pid', 'time'] },
  { source: 'descriptors', finds: 'descriptors' },
  { source: 'sockets', finds: 'sockets', types: ['net'] },
  { source: 'devices', finds: 'tun devices', types: ['net'] },
  { source: 'netFiles', finds: 'open files of /proc/PID/net', types: ['net'] },
  { source: 'mounts', finds: 'bind mounts' },
  { source: 'mountNamespaces', finds: 'bind mounts in other mount namespaces' },
  { source: 'relatives', finds: 'children and owned namespaces', types: ['user', 'pid'] },
]

/** What only kernels have that are newer than most: no right would help. */
export const NEWER: ReadonlySet<string> = new Set(['listns'])

/** What a source finds, in words. */
export function sourceWords(name: string): string {
  return FINDERS.find(({ source }) => source === name)?.finds ?? OTHERS[name] ?? name
}

const OTHERS: Readonly<Record<string, string>> = {
  relatives: 'ids, owners and parents',
  nsids: 'NETNSIDs',
  peers: 'network namespaces of peer devices',
}

/** All that was asked was read, as far as the kernel has it. */
export function isWhole({ complete, gaps, sources, hidepid }: Coverage): boolean {
  if (complete) return true
  const isRead = ({ name, state }: Coverage['sources'][number]): boolean =>
    state === 'read' || state === 'notAsked' || (state === 'unavailable' && NEWER.has(name))
  return gaps.length === 0 && !hidepid && sources.every(isRead)
}

export function unreadOf({ coverage, host }: Snapshot, type: NsType): Unread {
  const relevant = FINDERS.filter(({ types }) => !types || types.includes(type))
  const names = new Set(relevant.map(({ source }) => source))
  const state = new Map(coverage.sources.map((source) => [source.name, source.state]))
  const gaps = coverage.gaps.filter(({ source }) => names.has(source))
  const isOpen = (source: string): boolean =>
    state.get(source) === 'notAsked' || state.get(source) === 'unavailable'
  const sources = relevant.flatMap(({ source, finds }) => (isOpen(source) ? [finds] : []))
  const hidden = coverage.hidepid || !isInitialInum(host.pidNs?.inum ?? 0)
  const partial = relevant.some(({ source }) => state.get(source) === 'partial')
  return {
    processes: Math.max(0, ...gaps.map(({ count, pids }) => (pids.length > 0 ? count : 0))),
    ...{ sources, hidden },
    complete: gaps.length === 0 && sources.length === 0 && !hidden && !partial,
  }
}
