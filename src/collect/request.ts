import type { FileText } from '../host/port.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { Namespace } from '../model/snapshot.ts'

/** What a command asks of the machine. Nothing else is read. */
export interface CollectRequest {
  /** The types that the answer is about. */
  readonly types: readonly NsType[]
  /** A process or thread whose namespaces are to be in the answer, as `readTask` has read them. */
  readonly task?: TaskNamespaces
  /** Which sources to ask, by name. */
  readonly sources: ReadonlySet<SourceName>
  /** Which namespaces are looked at closely: leader, holders' processes. */
  readonly wanted: (namespace: Pick<Namespace, 'type' | 'inum' | 'id' | 'members'>) => boolean
  readonly details: Details
  /** Where to put the cgroups of each process that is looked at closely; absent: they are not read. */
  readonly cgroups?: Map<number, FileText>
  readonly observer?: Observer
}

export interface TaskNamespaces {
  /** As it was named: of a process, or of one of its threads. */
  readonly pid: number
  readonly inums: ReadonlyMap<NsType, number>
  /** The errno of each link that could not be read. */
  readonly errnos: ReadonlyMap<NsType, number>
}

export interface Details {
  /** Find the leaders and read their /proc/PID/stat. */
  readonly leaders: boolean
  /** Also read who they run as. */
  readonly users: boolean
  /** Also read the processes that hold a descriptor or socket. */
  readonly holders: boolean
  /** Bytes of each command line at the most; 0: none. */
  readonly cmdlineBytes: number
}

/** Told how the work goes; it must not slow it down. */
export interface Observer {
  /** So many processes are about to be scanned. */
  begin(total: number): void
  /** `done` of `total` processes have been scanned. */
  progress(done: number, total: number): void
  /** A phase has ended; it began where the one before it ended. */
  phase(name: string): void
  /** The reading is over, or has failed. */
  end(): void
}

/**
 * All sources, in the order in which they are asked and in which `coverage` lists them.
 * The ones that nobody asked for are listed too: an answer names what it did not look at.
 */
export const SOURCES = [
  'processes',
  'threads',
  'forChildren',
  'descriptors',
  'sockets',
  'mounts',
  'mountNamespaces',
  'relatives',
  'nsids',
  'devices',
  'netFiles',
  'peers',
  'listns',
  'containers',
  'contents',
  'relations',
] as const
export type SourceName = (typeof SOURCES)[number]
