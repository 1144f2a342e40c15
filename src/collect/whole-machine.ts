import type { Host } from '../host/port.ts'
import { NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { collect, type Reading } from './collect.ts'
import { orExplain } from './host-failure.ts'
import { DISCOVERY_SOURCES } from './plan.ts'
import type { Observer, SourceName } from './request.ts'

export interface WholeReading extends Reading {
  /** Bytes of the command line of each leader at the most; 0: none. */
  readonly cmdlineBytes: number
  readonly observer?: Observer
}

/**
 * Reads all namespaces by every source, with the leader of each, and the processes that hold them: who asks
 * why one is alive needs to know the same of whatever holds it. What processes are contained in is left to
 * the caller.
 *
 * @throws NsxError when our own resources run out.
 */
export function collectWholeMachine(host: Host, reading: WholeReading): Snapshot {
  const request = {
    types: NS_TYPE_NAMES,
    sources: new Set<SourceName>([...DISCOVERY_SOURCES, 'nsids']),
    wanted: () => true,
    details: { leaders: true, users: true, holders: true, cmdlineBytes: reading.cmdlineBytes },
    ...(reading.observer ? { observer: reading.observer } : {}),
  }
  return orExplain(host, () => collect(host, request, reading))
}
