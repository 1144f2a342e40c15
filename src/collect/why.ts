import type { Host } from '../host/port.ts'
import { dependentsOf } from '../model/dependents.ts'
import type { Namespace, Process, Snapshot } from '../model/snapshot.ts'
import type { WhyInspection } from '../model/why-inspection.ts'
import { withContainers } from './add-containers.ts'
import { collectContainers } from './containers.ts'
import { readerNamespaces } from './context.ts'
import { coverageOf, joinCoverage } from './coverage.ts'
import { newDraft } from './draft.ts'
import { observed } from './host-failure.ts'
import { initialNamespaces } from './initial.ts'
import { readMembers } from './inspect-namespace.ts'
import { CMDLINE_BYTES } from './inspecting.ts'
import { type NamedNamespace, pickNamespace } from './places.ts'
import { collectWholeMachine, type WholeReading } from './whole-machine.ts'

/**
 * Looks for everything that keeps one namespace alive, and for what keeps that alive in turn.
 *
 * @param named `text` is how it was named.
 * @throws NsxError where there is none such.
 */
export async function collectWhy(
  host: Host,
  named: NamedNamespace & { readonly text: string },
  reading: Omit<WholeReading, 'cmdlineBytes'>,
): Promise<WhyInspection> {
  return observed(host, reading.observer, () =>
    inspect(host, named, { ...reading, cmdlineBytes: CMDLINE_BYTES }),
  )
}

async function inspect(
  host: Host,
  named: Parameters<typeof collectWhy>[1],
  reading: WholeReading,
): Promise<WhyInspection> {
  const { snapshot, namespace } = pickNamespace(collectWholeMachine(host, reading), named)
  const draft = newDraft()
  draft.sources.set('processes', 'read')
  const members = readMembers(host, draft, namespace)
  const known = [...snapshot.processes, ...members]
  const pids = new Set([...members.map(({ pid }) => pid), ...concerned(snapshot, namespace)])
  const containers = await collectContainers(host, [...pids], known)
  reading.observer?.phase('containers')
  const whole = withContainers(snapshot, containers)
  return {
    snapshot: { ...whole, coverage: joinCoverage(whole.coverage, coverageOf(draft, false)) },
    ...{ inum: namespace.inum, members, containers: Object.fromEntries(containers.of) },
    initial: initialNamespaces(host, snapshot.host.pidNs?.inum)(namespace.inum),
    readerMounts: readerNamespaces(host, newDraft()).get('mnt') ?? null,
  }
}

/** Of the initial user namespace everything is a dependent: of so many nobody reads who is in them. */
const MOST_DEPENDENTS = 1000

/** Those that hold it, and those that lead the namespaces which do. */
function concerned({ namespaces, processes }: Snapshot, namespace: Namespace): number[] {
  const { inum, holders } = namespace
  const nearest = dependentsOf(namespaces, inum).slice(0, MOST_DEPENDENTS)
  const holding = new Set([
    ...nearest.map((dependent) => dependent.inum),
    ...holders.flatMap((holder) => (holder.kind === 'mount' && holder.namespace) || []),
  ])
  const leaders = namespaces.flatMap((ns) => (holding.has(ns.inum) && ns.leader) || [])
  const own = namespace.leader === null ? [] : [namespace.leader]
  const wanted = new Set([...own, ...holders.flatMap(({ pid }) => pid ?? []), ...leaders])
  return processes.flatMap(({ pid }: Process) => (wanted.has(pid) ? pid : []))
}
