import type { Host } from '../host/port.ts'
import type { NamespaceInspection } from '../model/inspection.ts'
import { NEEDS } from '../model/need.ts'
import type { Namespace, Process, Snapshot } from '../model/snapshot.ts'
import { withContainers } from './add-containers.ts'
import { collectContainers } from './containers.ts'
import type { ContentsPlace } from './contents.ts'
import { joinCoverage } from './coverage.ts'
import { addGap, type Draft } from './draft.ts'
import { observed } from './host-failure.ts'
import { CMDLINE_BYTES, finishedCoverage, type InspectRequest, inspecting } from './inspecting.ts'
import { formerMembers } from './members.ts'
import { findNamespace, type NamedNamespace, placeOf } from './places.ts'
import { processReader } from './process-reader.ts'
import { readInside } from './read-inside.ts'

/**
 * Looks closely at one namespace: what holds it, who is in it, and what is inside.
 *
 * @param named `text` is how it was named.
 * @throws NsxError where there is none such.
 */
export async function inspectNamespace(
  host: Host,
  named: NamedNamespace & { readonly text: string },
  request: InspectRequest,
): Promise<NamespaceInspection> {
  return observed(host, request.observer, () => inspect(host, named, request))
}

async function inspect(
  host: Host,
  named: Parameters<typeof inspectNamespace>[1],
  request: InspectRequest,
): Promise<NamespaceInspection> {
  const { snapshot, namespace, place } = findNamespace(host, named, { ...request, needs: NEEDS })
  const context = inspecting(host, request)
  const members = readMembers(host, context.draft, namespace)
  const [contents = null] = request.contents.includes(namespace.type)
    ? await readInside(context, [place], { owners: true, nets: netsOf(snapshot) })
    : []
  const known = [...snapshot.processes, ...members]
  const containers = await collectContainers(
    host,
    known.map(({ pid }) => pid),
    known,
  )
  const whole = withContainers(snapshot, containers)
  const coverage = joinCoverage(whole.coverage, finishedCoverage(context))
  return {
    snapshot: { ...whole, coverage },
    inum: namespace.inum,
    members,
    containers: Object.fromEntries(containers.of),
    contents,
  }
}

/** Topmost ones first: those whose parent is no member. What could not be read is booked. */
export function readMembers(
  host: Host,
  draft: Draft,
  { type, inum, members, inferredMembers }: Namespace,
): Process[] {
  const reader = processReader(host, (errno, pid) => addGap(draft, 'processes', { errno, pid }))
  reader.read(members, { users: true, cmdlineBytes: CMDLINE_BYTES })
  const isFormer = formerMembers(host, members, new Map([[type, new Set([inum])]]))
  const processes = members.flatMap((pid) => {
    const left = !inferredMembers.includes(pid) && isFormer(pid, inum)
    return left ? [] : (reader.get(pid) ?? [])
  })
  const within = new Set(members)
  const rank = ({ ppid }: Process): number => (ppid !== null && within.has(ppid) ? 1 : 0)
  return processes.sort((a, b) => rank(a) - rank(b) || a.pid - b.pid)
}

/** Where the other ends of interfaces may be. */
function netsOf({ namespaces }: Snapshot): ContentsPlace[] {
  return namespaces.filter(({ type }) => type === 'net').map(placeOf)
}
