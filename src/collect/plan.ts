import type { NsType } from '../kernel/namespace-types.ts'
import type { Need } from '../model/need.ts'
import type { Details, SourceName } from './request.ts'

/** Every source that finds namespaces, or what keeps them alive: what a complete answer asks. */
export const DISCOVERY_SOURCES: readonly SourceName[] = [
  'processes',
  'threads',
  'forChildren',
  'descriptors',
  'sockets',
  'mounts',
  'mountNamespaces',
  'relatives',
  'devices',
  'netFiles',
  'peers',
  'listns',
]

/** Of these, those that find network namespaces alone. */
const NET_SOURCES: readonly SourceName[] = ['sockets', 'devices', 'netFiles', 'peers', 'nsids']

/** Of these, those that look at descriptors. */
const DESCRIPTOR_SOURCES: readonly SourceName[] = ['descriptors', 'sockets', 'devices', 'netFiles']

export interface ListPlan {
  readonly sources: ReadonlySet<SourceName>
  readonly details: Details
}

export interface ListQuestion {
  readonly types: readonly NsType[]
  readonly needs: ReadonlySet<Need>
  /** Only the namespaces of one task are asked for: there is nothing to discover. */
  readonly task: boolean
  /** Ask every source that there is. */
  readonly deep: boolean
  readonly descriptors: boolean
  readonly sockets: boolean
  /** Bytes of a command line that can be shown. */
  readonly cmdlineBytes: number
}

/** Sources that find namespaces which no process is a member of. */
function discovery({ types, task, deep, descriptors, sockets }: ListQuestion): SourceName[] {
  if (deep) return [...DISCOVERY_SOURCES]
  if (task) return []
  const found: SourceName[] = ['processes', 'mounts']
  if (descriptors) found.push('descriptors')
  if (sockets && types.includes('net')) found.push('sockets')
  // Only user and PID namespaces have descendants or property that can outlive their processes.
  if (types.includes('user') || types.includes('pid')) found.push('relatives')
  return found
}

const SOURCES_OF_NEED: Readonly<Record<Need, readonly SourceName[]>> = {
  members: ['processes'],
  leader: ['processes'],
  user: ['processes'],
  command: ['processes'],
  relatives: ['relatives'],
  nsid: ['nsids'],
  mounts: ['mounts'],
  holders: ['processes', 'mounts', 'descriptors', 'sockets', 'relatives'],
  // They are told after the reading, of the processes that were looked at closely.
  container: ['processes'],
}

/** The fewest sources and files that answer the question. */
export function planList(question: ListQuestion): ListPlan {
  const { needs, types } = question
  const sources = new Set<SourceName>(discovery(question))
  for (const need of needs) for (const source of SOURCES_OF_NEED[need]) sources.add(source)
  const without = (names: readonly SourceName[]) =>
    names.forEach((name) => void sources.delete(name))
  if (!question.descriptors) without(DESCRIPTOR_SOURCES)
  if (!question.sockets) without(['sockets'])
  if (!types.includes('net')) without(NET_SOURCES)
  const any = (...wanted: Need[]): boolean => wanted.some((need) => needs.has(need))
  return {
    sources,
    details: {
      leaders: any('leader', 'user', 'command', 'container'),
      users: needs.has('user'),
      holders: needs.has('holders'),
      cmdlineBytes: needs.has('command') ? question.cmdlineBytes : 0,
    },
  }
}
