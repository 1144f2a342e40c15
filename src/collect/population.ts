import type { Host, ProcessTexts } from '../host/port.ts'
import type { Errno } from '../kernel/errno.ts'
import { parseProcStat } from '../kernel/proc-stat.ts'
import { parseStatus } from '../kernel/proc-status.ts'
import type { Container } from '../model/container.ts'
import { containerLabel } from '../model/container-label.ts'
import type { PlacedProcess, Population } from '../model/population.ts'
import type { Process, Snapshot } from '../model/snapshot.ts'
import { withContainers } from './add-containers.ts'
import { collectContainers } from './containers.ts'
import { coverageOf, joinCoverage } from './coverage.ts'
import { addGap, newDraft } from './draft.ts'
import { orExplainLater } from './host-failure.ts'
import { initialNamespaces } from './initial.ts'
import { containerCandidates } from './list-containers.ts'
import { processReader } from './process-reader.ts'

export interface PopulationRequest {
  /** Also tell of all processes what they are contained in, not only of those that are looked at closely. */
  readonly allContainers: boolean
  /** Which processes are looked at closely, once all are placed; null: neither is asked for. */
  readonly closely: ((population: Population) => readonly number[]) | null
  /** Bytes of each command line at the most. */
  readonly cmdlineBytes: number
}

/**
 * Adds to a Snapshot the place of every member process in the process tree, and a closer look at some. A
 * few bytes are read of all processes, the command line of those alone.
 *
 * @throws NsxError when our own resources run out.
 */
export async function collectPopulation(
  host: Host,
  snapshot: Snapshot,
  request: PopulationRequest,
): Promise<Population> {
  return orExplainLater(host, () => populate(host, snapshot, request))
}

async function populate(
  host: Host,
  snapshot: Snapshot,
  { allContainers, closely, cmdlineBytes }: PopulationRequest,
): Promise<Population> {
  const isInitial = initialNamespaces(host, snapshot.host.pidNs?.inum)
  const initial = snapshot.namespaces.flatMap(({ inum }) => (isInitial(inum) ? inum : []))
  if (!closely) return { snapshot, placed: [], initial, containers: {} }
  const draft = newDraft()
  draft.sources.set('processes', 'read')
  const onFailure = (errno: Errno, pid: number): void => addGap(draft, 'processes', { errno, pid })
  const pids = memberPids(snapshot)
  const placed = readPlaced(host, pids, onFailure)
  const ofAll = allContainers ? await collectContainers(host, pids) : null
  const seen = { snapshot, placed, initial, containers: ofAll ? alike(ofAll.of) : {} }
  const wanted = [...closely(seen)].sort((a, b) => a - b)
  const reader = processReader(host, onFailure)
  reader.read(wanted, { users: true, cmdlineBytes })
  const before = new Map(placed.map((process) => [process.pid, process]))
  const processes = wanted.flatMap((pid) => sameOnly(reader.get(pid), before.get(pid)))
  const containers = ofAll ?? (await collectContainers(host, wanted, processes))
  const known = merged(snapshot.processes, processes)
  const whole = withContainers({ ...snapshot, processes: known }, containers)
  const coverage = joinCoverage(whole.coverage, coverageOf(draft, false))
  return {
    ...{ ...seen, snapshot: { ...whole, coverage } },
    containers: ofAll ? seen.containers : alike(containers.of),
  }
}

function memberPids({ namespaces }: Snapshot): number[] {
  const pids = new Set<number>()
  for (const { members } of namespaces) for (const pid of members) pids.add(pid)
  return [...pids].sort((a, b) => a - b)
}

function readPlaced(
  host: Host,
  pids: readonly number[],
  onFailure: (errno: Errno, pid: number) => void,
): PlacedProcess[] {
  const texts = host.readProcesses(pids, { status: true, cmdlineBytes: 0 })
  return pids.flatMap((pid, i) => {
    const { stat, status } = texts[i] as ProcessTexts
    for (const text of [stat, status]) if (typeof text === 'string') onFailure(text, pid)
    const parsed = Buffer.isBuffer(stat) ? parseProcStat(stat) : null
    if (!parsed) return []
    const { ppid, startTicks, state, comm, kernelThread } = parsed
    const nsPids = (Buffer.isBuffer(status) && parseStatus(status)?.nsPids) || []
    return { pid, ppid, startTicks, state, nsPids, comm: comm.text, kernelThread }
  })
}

/** By then a pid may be another process's. */
function sameOnly(
  process: Process | null | undefined,
  placed: PlacedProcess | undefined,
): Process[] {
  return process && placed?.startTicks === process.startTicks ? [process] : []
}

/** Ascending by pid; of one that is in both, the closer look counts. */
function merged(before: readonly Process[], closer: readonly Process[]): Process[] {
  const known = new Map([...before, ...closer].map((process) => [process.pid, process]))
  return [...known.values()].sort((a, b) => a.pid - b.pid)
}

/** Of one container all processes have the same, however much each of them tells of it. */
function alike(of: ReadonlyMap<number, Container | null>): Record<number, Container | null> {
  const joined = new Map<string, readonly { container: Container; pids: ReadonlySet<number> }[]>()
  for (const { container, label, pids } of containerCandidates(of)) {
    joined.set(label, [...(joined.get(label) ?? []), { container, pids: new Set(pids) }])
  }
  const found = (pid: number, own: Container): Container =>
    joined.get(containerLabel(own))?.find(({ pids }) => pids.has(pid))?.container ?? own
  return Object.fromEntries([...of].map(([pid, own]) => [pid, own && found(pid, own)]))
}
