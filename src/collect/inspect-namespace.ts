import type { Host } from '../host/port.ts'
import type { NamespaceInspection } from '../model/inspection.ts'
import { NEEDS } from '../model/need.ts'
import type { Namespace, Process, Snapshot } from '../model/snapshot.ts'
import type { ContentsPlace } from './contents.ts'
import { joinCoverage } from './coverage.ts'
import { orExplain } from './host-failure.ts'
import {
  CMDLINE_BYTES,
  containersOf,
  finishedCoverage,
  type InspectRequest,
  inspecting,
} from './inspecting.ts'
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
  const { snapshot, namespace } = findNamespace(host, named, { ...request, needs: NEEDS })
  const context = inspecting(host, request)
  const members = orExplain(host, () => readMembers(host, namespace))
  const [contents = null] = request.contents.includes(namespace.type)
    ? await readInside(context, [placeOf(namespace)], { owners: true, nets: netsOf(snapshot) })
    : []
  const containers = await containersOf(
    context,
    members.map(({ pid }) => pid),
  )
  const coverage = joinCoverage(snapshot.coverage, finishedCoverage(context))
  return {
    snapshot: { ...snapshot, coverage },
    inum: namespace.inum,
    members,
    containers,
    contents,
  }
}

/** Topmost ones first: those whose parent is no member. */
function readMembers(host: Host, { members }: Namespace): Process[] {
  const reader = processReader(host, () => undefined)
  reader.read(members, { users: true, cmdlineBytes: CMDLINE_BYTES })
  const processes = members.flatMap((pid) => reader.get(pid) ?? [])
  const within = new Set(members)
  const rank = ({ ppid }: Process): number => (ppid !== null && within.has(ppid) ? 1 : 0)
  return processes.sort((a, b) => rank(a) - rank(b) || a.pid - b.pid)
}

/** Where the other ends of interfaces may be. */
function netsOf({ namespaces }: Snapshot): ContentsPlace[] {
  return namespaces.filter(({ type }) => type === 'net').map(placeOf)
}
