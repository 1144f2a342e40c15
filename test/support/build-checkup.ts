import { NS_TYPE_NAMES, nsTypeRow } from '../../src/kernel/namespace-types.ts'
import type { Checkup, LingeringProcess } from '../../src/model/checkup.ts'
import type { PlacedProcess } from '../../src/model/population.ts'
import type { Coverage, Process } from '../../src/model/snapshot.ts'
import { type ShortNamespace, snapshotOf } from './build-snapshot.ts'

const MNT: number = nsTypeRow('mnt').initialInum

/** A made-up machine, and what else `doctor` asks of it: what is not told, there is not. */
export interface Machine extends Partial<Omit<Checkup, 'population'>> {
  readonly namespaces?: readonly ShortNamespace[]
  readonly processes?: readonly Process[]
  readonly placed?: readonly PlacedProcess[]
  readonly coverage?: Partial<Coverage>
}

export function checkupOf(machine: Machine): Checkup {
  const { namespaces = [], processes = [], placed = [], coverage = {}, ...facts } = machine
  return {
    population: {
      snapshot: snapshotOf(namespaces, processes, coverage),
      placed,
      initial: NS_TYPE_NAMES.map((type) => nsTypeRow(type).initialInum),
      containers: {},
    },
    ...{
      readerMounts: MNT,
      lingering: [],
      unborn: [],
      innerUntold: false,
      staleNames: [],
      mountedSince: {},
    },
    startedAt: {},
    ...facts,
  }
}

/** @param nsPid in its own PID namespace, one below ours. */
export function place(
  pid: number,
  nsPid: number,
  rest: Partial<PlacedProcess> = {},
): PlacedProcess {
  return {
    ...{ pid, ppid: 1, startTicks: String(pid * 10), state: 'S', nsPids: [pid, nsPid] },
    ...{ comm: 'sh', kernelThread: false, ...rest },
  }
}

export function lingers(
  pid: number,
  state: string,
  tracer: number | null = null,
): LingeringProcess {
  return { pid, state, tracer }
}
