import type { NsType } from '../../../src/kernel/namespace-types.ts'
import type { Container } from '../../../src/model/container.ts'
import type { PlacedProcess, Population } from '../../../src/model/population.ts'
import type { Namespace, Process, Snapshot } from '../../../src/model/snapshot.ts'
import { fixtureHost } from '../../support/fixture-host.ts'
import { treeOf } from '../../support/population.ts'

/** A process of a machine that was thought up: its parent, and in which namespaces it is, by type. */
export interface Someone {
  readonly pid: number
  readonly ppid: number
  readonly set: Readonly<Partial<Record<NsType, number>>>
  readonly more?: Partial<PlacedProcess>
  readonly container?: Container | null
}

const { population: model } = await treeOf(fixtureHost('bare-host'), 'process')

/** A machine of these processes alone, all of them looked at closely. Inodes below 100 are initial. */
export function populationOf(people: readonly Someone[]): Population {
  const namespaces = new Map<number, Namespace>()
  for (const { pid, set } of people) {
    for (const [type, inum] of Object.entries(set)) {
      const known = namespaces.get(inum)
      const members = [...(known?.members ?? []), pid].sort((a, b) => a - b)
      namespaces.set(inum, { ...BLANK, type: type as NsType, inum, members })
    }
  }
  const ordered = [...namespaces.values()].sort((a, b) => a.inum - b.inum)
  const snapshot: Snapshot = {
    ...model.snapshot,
    ...{ namespaces: ordered, processes: people.map(closely) },
  }
  return {
    snapshot,
    placed: people.map(({ pid, ppid, more }) => ({
      ...{ pid, ppid, startTicks: String(pid), state: 'S', nsPids: [pid], comm: `p${pid}` },
      ...{ kernelThread: false, ...more },
    })),
    initial: ordered.map(({ inum }) => inum).filter((inum) => inum < 100),
    containers: Object.fromEntries(people.map(({ pid, container }) => [pid, container ?? null])),
  }
}

const BLANK: Omit<Namespace, 'type' | 'inum'> = {
  ...{ id: '1', members: [], inferredMembers: [], holders: [], owner: null, parent: null },
  ...{ ownerUid: null, nsid: null, leader: null, unknown: [], atLeast: [] },
}

function closely({ pid, ppid, more }: Someone): Process {
  return {
    ...{ pid, ppid, startTicks: more?.startTicks ?? String(pid), comm: more?.comm ?? `p${pid}` },
    ...{ uid: 0, user: 'root', args: [], lossy: [] },
  }
}
