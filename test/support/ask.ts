import { collectList, collectNamedList, type ListReading } from '../../src/collect/list.ts'
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

interface Answered {
  readonly snapshot: Snapshot
  readonly selection: Selection
}

/** `nsx list --json` of a machine, unless said otherwise, but for the containers. */
export function ask(host: FixtureHost, asked: Asked = {}): Answered {
  return collectList(host, readingOf(host, asked))
}

/** All of it. */
export function askNamed(host: FixtureHost, asked: Asked = {}): Promise<Answered> {
  return collectNamedList(host, readingOf(host, asked))
}

function readingOf(host: FixtureHost, asked: Asked): ListReading {
  const { types = NS_TYPE_NAMES, only = null, persistent = false, ...reading } = asked
  return {
    selection: { types: new Set(types), only, persistent },
    ...{ task: null, needs: new Set(NEEDS), descriptors: true, sockets: true },
    ...{ cmdlineBytes: 128 * 1024, uid: host.procfs.uid, now: NOW },
    ...reading,
  }
}
