import { type Errno, isGone } from '../kernel/errno.ts'
import { NS_TYPE_NAMES, type NsType, nsTypeRow } from '../kernel/namespace-types.ts'
import { containerLabel } from '../model/container-label.ts'
import type {
  ContentsData,
  InsideOf,
  KnownNamespace,
  Membership,
  TaskInspection,
} from '../model/inspection.ts'
import type { NsRef } from '../model/snapshot.ts'
import type { NsLinkName, StrayThread, Subject } from '../model/subject.ts'
import { summariseContents } from './contents.ts'
import { levelOf, type Namespaces } from './relation.ts'
import { type SubjectRow, subjectRow } from './subject-row.ts'

/** The view of one task; the field names are the JSON contract's. */
export interface ShowView {
  readonly subject: SubjectRow
  /** Null: the task has none (a zombie), or `unknown` names it. */
  readonly namespaces: Readonly<Record<NsType, ShownNamespace | null>>
  readonly threads: readonly ShownThread[]
  /** Such as `namespaces.net`: links that could not be read. */
  readonly unknown: readonly string[]
}

export interface ShownNamespace {
  readonly ns: NsRef
  readonly owner: NsRef | null
  readonly parent: NsRef | null
  readonly ownerUid: number | null
  /** Levels below the initial namespace (user and pid). */
  readonly level: number | null
  readonly sharing: Sharing | null
  /** The containers of its member processes, by their labels; empty: not asked, or not told. */
  readonly sharedWith: readonly string[]
  /** Some of its member processes are in no container. */
  readonly sharedOutside: boolean | null
  readonly processCount: number | null
  /** Null: not asked for. */
  readonly contents: ContentsData | null
  /** One line of what is inside. */
  readonly summary: string | null
  /** What children of the task will be in, where that is another one (pid and time). */
  readonly forChildren: NsRef | null
  readonly unknown: readonly string[]
  readonly atLeast: readonly string[]
}

/** With whom: all of the machine, the processes of one container, nobody, some others. */
export type Sharing = 'initial' | 'container' | 'own' | 'others'

export interface ShownThread {
  readonly tid: number
  readonly comm: string
  /** The namespaces in which it differs from the task, by link. */
  readonly namespaces: Readonly<Partial<Record<NsLinkName, NsRef>>>
}

export function showView(inspection: TaskInspection): ShowView {
  const { subject } = inspection
  const known: Namespaces = new Map(inspection.namespaces.map((ns) => [ns.inum, ns]))
  const shown = NS_TYPE_NAMES.map((type) => {
    const inum = subject.links[type]
    const ns = inum === undefined ? undefined : known.get(inum)
    return [type, ns ? shownNamespace(ns, known, inspection) : null] as const
  })
  return {
    subject: subjectRow(inspection),
    namespaces: Object.fromEntries(shown) as ShowView['namespaces'],
    threads: subject.strayThreads.map((thread) => shownThread(thread, known)),
    unknown: unreadLinks(subject),
  }
}

/** A zombie has no namespaces but two: there is nothing that could be read. */
function unreadLinks({ linkErrnos }: Subject): string[] {
  return NS_TYPE_NAMES.filter((type) => {
    const errno: Errno | undefined = linkErrnos[type]
    return errno !== undefined && !isGone(errno)
  }).map((type) => `namespaces.${type}`)
}

function shownNamespace(
  ns: KnownNamespace,
  known: Namespaces,
  inspection: TaskInspection,
): ShownNamespace {
  const { subject, contents, members } = inspection
  const inside = contents.find(({ inum }) => inum === ns.inum) ?? null
  const membership = members[ns.type]
  const later = laterOf(ns, subject)
  return {
    ns: refOf(ns),
    owner: ns.owner === null ? null : refTo(ns.owner, 'user', known),
    parent: ns.parent === null ? null : refTo(ns.parent, ns.type, known),
    ownerUid: ns.ownerUid,
    level:
      nsTypeRow(ns.type).hasParent && !(inside && 'level' in inside) ? levelOf(ns, known) : null,
    ...sharingOf(ns, membership, inspection),
    processCount: membership ? membership.pids.length : null,
    contents: inside && withoutInum(inside),
    summary: inside && summariseContents(inside),
    forChildren: later === null ? null : refTo(later, ns.type, known),
    unknown: ns.unknown,
    atLeast: membership?.atLeast ? ['processCount'] : [],
  }
}

type SharingFields = Pick<ShownNamespace, 'sharing' | 'sharedWith' | 'sharedOutside'>

function sharingOf(
  ns: KnownNamespace,
  membership: Membership | undefined,
  { subject, containers }: TaskInspection,
): SharingFields {
  const untold = { sharedWith: [], sharedOutside: null }
  if (ns.initial) return { sharing: 'initial', ...untold }
  if (!membership) return { sharing: null, ...untold }
  const { pids, atLeast } = membership
  const alone = pids.every((pid) => pid === subject.tgid)
  // Where some processes could not be read, nobody knows that these are all.
  if (alone) return { sharing: atLeast ? null : 'own', ...untold }
  const labels = pids.map((pid) => {
    const container = containers[pid]
    return container ? containerLabel(container) : null
  })
  const sharedWith = [...new Set(labels.flatMap((label) => label ?? []))].sort()
  const sharedOutside = labels.includes(null)
  const one = sharedWith.length === 1 && !sharedOutside && !atLeast
  return { sharing: one ? 'container' : 'others', sharedWith, sharedOutside }
}

/** Where children go, if elsewhere. A zombie has no such link, and no children either. */
function laterOf({ type, inum }: KnownNamespace, { links }: Subject): number | null {
  const link = LATER[type]
  const later = link === undefined ? undefined : links[link]
  return later === undefined || later === inum ? null : later
}

const LATER: Readonly<Partial<Record<NsType, NsLinkName>>> = {
  pid: 'pid_for_children',
  time: 'time_for_children',
}

function shownThread({ tid, comm, links }: StrayThread, known: Namespaces): ShownThread {
  const namespaces = Object.entries(links).map(([link, inum]) => {
    const type = link.replace(/_for_children$/, '') as NsType
    return [link, refTo(inum, type, known)] as const
  })
  return { tid, comm, namespaces: Object.fromEntries(namespaces) }
}

function refOf({ type, inum, id }: KnownNamespace): NsRef {
  return { type, inum, id }
}

export function refTo(inum: number, type: NsType, known: Namespaces): NsRef {
  const ns = known.get(inum)
  return ns ? refOf(ns) : { type, inum, id: null }
}

/** Whose contents they are stands beside them already. */
export function withoutInum({ inum: _, ...contents }: InsideOf): ContentsData {
  return contents
}
