import type { Host } from '../host/port.ts'
import type { Container } from '../model/container.ts'
import { containerLabel } from '../model/container-label.ts'
import type { ContainerCandidate } from '../model/target.ts'
import { collectContainers } from './containers.ts'

/** All containers with processes: of one in another, the processes are in both. */
export async function listContainers(host: Host): Promise<ContainerCandidate[]> {
  const { of } = await collectContainers(host, [...host.listPids()])
  const pids = new Map<Container, number[]>()
  for (const [pid, innermost] of of) {
    for (let container = innermost; container !== null; container = container.outer) {
      const members = pids.get(container)
      if (members) members.push(pid)
      else pids.set(container, [pid])
    }
  }
  return [...pids].map(([container, members]) => ({
    ...{ container, label: containerLabel(container) },
    pids: members.sort((a, b) => a - b),
  }))
}
