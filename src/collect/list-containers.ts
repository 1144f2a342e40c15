import type { Host } from '../host/port.ts'
import type { Container } from '../model/container.ts'
import { containerLabel } from '../model/container-label.ts'
import type { ContainerCandidate } from '../model/target.ts'
import { collectContainers } from './containers.ts'

/** All containers with processes: of one in another, the processes are in both. */
export async function listContainers(host: Host): Promise<ContainerCandidate[]> {
  const { of } = await collectContainers(host, [...host.listPids()])
  return containerCandidates(of)
}

/** @param of what each process is in, by pid. */
export function containerCandidates(
  of: ReadonlyMap<number, Container | null>,
): ContainerCandidate[] {
  const pids = new Map<Container, number[]>()
  for (const [pid, innermost] of of) {
    for (let container = innermost; container !== null; container = container.outer) {
      const members = pids.get(container)
      if (members) members.push(pid)
      else pids.set(container, [pid])
    }
  }
  const candidates = [...pids].map(([container, members]) => ({
    ...{ container, label: containerLabel(container), pids: members },
  }))
  return joined(candidates).map(({ pids, ...candidate }) => ({
    ...{ ...candidate, pids: [...pids].sort((a, b) => a - b) },
  }))
}

/**
 * Who was sent into a container later (runc exec) has other ancestors, and so other evidence, than who was
 * there from the start. Of one number and in one cgroup they are in one container, told by the more.
 */
function joined(candidates: readonly ContainerCandidate[]): ContainerCandidate[] {
  const byPlace = new Map<unknown, ContainerCandidate>()
  for (const candidate of candidates) {
    const place = placeOf(candidate) ?? candidate
    const known = byPlace.get(place)
    byPlace.set(place, known ? join(known, candidate) : candidate)
  }
  return [...byPlace.values()]
}

function placeOf({ container, label }: ContainerCandidate): string | null {
  const { family, id, evidence } = container
  const cgroup = evidence.find(({ kind }) => kind === 'cgroup')
  return id === null || !cgroup ? null : JSON.stringify([label, family, id, cgroup.where])
}

function join(a: ContainerCandidate, b: ContainerCandidate): ContainerCandidate {
  const more = b.container.evidence.length > a.container.evidence.length ? b : a
  return { ...more, pids: [...new Set([...a.pids, ...b.pids])] }
}
