import type { Host } from '../host/port.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { KnownNamespace, Membership, TaskInspection } from '../model/inspection.ts'
import { type NsLinkName, type Subject, typeOfLink } from '../model/subject.ts'
import type { ContentsPlace } from './contents.ts'
import { observed } from './host-failure.ts'
import { collectHostInfo } from './host-info.ts'
import {
  addSubjects,
  confirmSubject,
  containersOf,
  type FoundTask,
  finishedCoverage,
  type InspectRequest,
  inspecting,
  knownNamespaces,
  readFound,
  userOf,
} from './inspecting.ts'
import { formerMembers, type Members, membersOf } from './members.ts'
import { netPlace, placesOf } from './places.ts'
import { readInside } from './read-inside.ts'

/** Of a namespace with more members, it is not asked what contains each of them. */
const MOST_MEMBERS = 4096

/**
 * Looks closely at one task: its namespaces, who shares them, and what is inside.
 *
 * @throws NsxError when there is no such task, or it is another one by the end.
 */
export async function inspectTask(
  host: Host,
  task: FoundTask,
  request: InspectRequest,
): Promise<TaskInspection> {
  return observed(host, request.observer, () => inspect(host, task, request))
}

async function inspect(
  host: Host,
  task: FoundTask,
  request: InspectRequest,
): Promise<TaskInspection> {
  const context = inspecting(host, request)
  const subject = readFound(host, task)
  addSubjects(context, [subject])
  const namespaces = knownNamespaces(context)
  const wanted = linkedInums(subject)
  const { memberships, nets } = membersOf(context, wanted)
  request.observer?.phase('processes')
  const contents = await readInside(context, placesAmong(subject, memberships, request), {
    nets: [...nets].map(([inum, pid]) => netPlace(inum, pid)),
    owners: request.owners ?? false,
  })
  request.observer?.phase('contents')
  const pids = sharersOf(subject, memberships, namespaces)
  const containers = await containersOf(context, pids)
  const isFormer = formerMembers(host, pids, wanted)
  request.observer?.phase('containers')
  confirmSubject(host, subject)
  return {
    ...{ subject, contents, namespaces },
    ...{ user: userOf(host, subject), members: membersByLink(subject, memberships, isFormer) },
    ...{ container: containers[subject.tgid], containers },
    host: collectHostInfo(context, request),
    coverage: finishedCoverage(context),
  }
}

/** The task first; the other members have what it shares with them. */
function placesAmong(
  subject: Subject,
  memberships: Members['memberships'],
  { contents, owners }: InspectRequest,
): ContentsPlace[] {
  const places = placesOf(subject, contents)
  if (!owners) return places
  return places.map((place) => {
    const others = (memberships.get(place.inum)?.pids ?? []).filter((pid) => pid !== subject.pid)
    return { ...place, pids: [...place.pids, ...others] }
  })
}

function linkedInums({ links }: Subject): Map<NsType, Set<number>> {
  const inums = new Map<NsType, Set<number>>()
  for (const [link, inum] of Object.entries(links)) {
    const type = typeOfLink(link as NsLinkName)
    inums.set(type, (inums.get(type) ?? new Set()).add(inum))
  }
  return inums
}

function membersByLink(
  { links }: Subject,
  memberships: Members['memberships'],
  isFormer: ReturnType<typeof formerMembers>,
): TaskInspection['members'] {
  return Object.fromEntries(
    Object.entries(links).flatMap(([link, inum]): [string, Membership][] => {
      const membership = memberships.get(inum)
      if (!membership) return []
      return [
        [link, { ...membership, pids: membership.pids.filter((pid) => !isFormer(pid, inum)) }],
      ]
    }),
  )
}

/** The task, and whoever shares a namespace with it that is not everybody's. */
function sharersOf(
  { tgid }: Subject,
  memberships: Members['memberships'],
  namespaces: readonly KnownNamespace[],
): number[] {
  const sharers = new Set([tgid])
  for (const { inum, initial } of namespaces) {
    const pids = memberships.get(inum)?.pids ?? []
    if (!initial && pids.length <= MOST_MEMBERS) for (const pid of pids) sharers.add(pid)
  }
  return [...sharers]
}
