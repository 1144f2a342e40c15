import { collectList, type ListReading } from '../../src/collect/list.ts'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import { NEEDS } from '../../src/model/need.ts'
import type { Selection } from '../../src/model/selection.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import type { FixtureHost } from './fixture-host.ts'

export const NOW = new Date('2026-11-24T01:02:03.456Z')

export interface Asked extends Partial<Omit<ListReading, 'selection'>> {
  readonly types?: readonly NsType[]
  readonly only?: Selection['only']
  readonly persistent?: boolean
}

/** `nsx list --json` of a machine, unless said otherwise. */
export function ask(
  host: FixtureHost,
  asked: Asked = {},
): { snapshot: Snapshot; selection: Selection } {
  const { types = NS_TYPE_NAMES, only = null, persistent = false, ...reading } = asked
  return collectList(host, {
    selection: { types: new Set(types), only, persistent },
    ...{ task: null, needs: new Set(NEEDS), descriptors: true, sockets: true },
    ...{ cmdlineBytes: 128 * 1024, uid: host.procfs.uid, now: NOW },
    ...reading,
  })
}
