import { type Errno, isGone } from '../kernel/errno.ts'
import { NS_TYPE_NAMES, type NsType, nsTypeRow } from '../kernel/namespace-types.ts'
import type { ContentsData, InsideOf, KnownNamespace, TaskInspection } from '../model/inspection.ts'
import type { NsRef } from '../model/snapshot.ts'
import type { NsLinkName, StrayThread, Subject } from '../model/subject.ts'
import { summariseContents } from './contents.ts'
import { lossyPaths } from './lossy.ts'
import { levelOf, type Namespaces } from './relation.ts'
import type { ProcRef } from './rows.ts'
import { type SharedFields, sharingOf } from './sharing.ts'
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

export interface ShownNamespace extends SharedFields {
  readonly ns: NsRef
  readonly owner: NsRef | null
  readonly parent: NsRef | null
  readonly ownerUid: number | null
  /** Of user and PID namespaces: levels below the initial one; null: of another type, or `unknown` names it. */
  readonly level: number | null
  /** Null: `unknown` names it. */
  readonly processCount: number | null
  /** Null: not asked for. */
  readonly contents: ContentsData | null
  /** One line of what is inside; null: not asked for, or nothing of it could be told. */
  readonly summary: string | null
  /**
   * What children of the task will be in, where that is another one (pid and time). A PID namespace in which
   * nobody was born yet shows itself to nobody: `unknown` names the field then.
   */
  readonly forChildren: NsRef | null
  readonly unknown: readonly string[]
  readonly atLeast: readonly string[]
  /** Such as `contents.hostname`. */
  readonly lossy: readonly string[]
}

export interface ShownThread extends ProcRef {
  /** The namespaces in which it differs from the task, by link. */
  readonly namespaces: Readonly<Partial<Record<NsLinkName, NsRef>>>
  /** Such as `namespaces.net`: links that could not be read. */
  readonly unknown: readonly string[]
  readonly lossy: readonly string[]
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
    threads: subject.strayThreads.map((thread) => shownThread(thread, subject, known)),
    unknown: unreadLinks(subject, NS_TYPE_NAMES),
  }
}

/** A zombie has no namespaces but two: there is nothing that could be read. */
function unreadLinks(
  { linkErrnos }: Pick<Subject, 'linkErrnos'>,
  links: readonly NsLinkName[],
): string[] {
  return links.filter((link) => isUnread(linkErrnos[link])).map((link) => `namespaces.${link}`)
}

function isUnread(errno: Errno | undefined): boolean {
  return errno !== undefined && !isGone(errno)
}

/** Whether a number that is shown may be greater. */
export function isAtLeast({ namespaces }: ShowView): boolean {
  return Object.values(namespaces).some((shown) => shown && shown.atLeast.length > 0)
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
  const level = nsTypeRow(ns.type).hasParent ? levelOf(ns, known) : null
  const shared = sharingOf(ns, membership, inspection)
  return {
    ns: refOf(ns),
    owner: ns.owner === null ? null : refTo(ns.owner, 'user', known),
    parent: ns.parent === null ? null : refTo(ns.parent, ns.type, known),
    ownerUid: ns.ownerUid,
    level,
    ...shared.fields,
    processCount: membership ? membership.pids.length : null,
    contents: inside && withoutInum(inside),
    summary: inside && summariseContents(inside),
    forChildren: later === null ? null : refTo(later, ns.type, known),
    unknown: [
      ...ns.unknown,
      ...(nsTypeRow(ns.type).hasParent && level === null ? ['level'] : []),
      ...shared.unknown,
      ...(membership ? [] : ['processCount']),
      ...(isLaterUntold(ns.type, subject) ? ['forChildren'] : []),
    ],
    atLeast: membership?.atLeast ? ['processCount'] : [],
    lossy: inside ? lossyPaths(withoutInum(inside), 'contents') : [],
  }
}

/** Where children go, if elsewhere. A zombie has no such link, and no children either. */
function laterOf({ type, inum }: KnownNamespace, { links }: Subject): number | null {
  const link = LATER[type]
  const later = link === undefined ? undefined : links[link]
  return later === undefined || later === inum ? null : later
}

/**
 * A PID namespace for the children in which none is yet has no link (pidns_for_children_get() in
 * kernel/pid_namespace.c), nor had any before Linux 4.12.
 */
function isLaterUntold(type: NsType, { linkErrnos, state }: Subject): boolean {
  const link = LATER[type]
  const errno = link === undefined ? undefined : linkErrnos[link]
  return errno !== undefined && !(state === 'Z' && isGone(errno))
}

const LATER: Readonly<Partial<Record<NsType, NsLinkName>>> = {
  pid: 'pid_for_children',
  time: 'time_for_children',
}
const FOR_CHILDREN = Object.values(LATER)

function shownThread(
  { tid, startTicks, comm, lossy, links, linkErrnos }: StrayThread,
  { tgid }: Subject,
  known: Namespaces,
): ShownThread {
  const namespaces = Object.entries(links).map(([link, inum]) => {
    const type = link.replace(/_for_children$/, '') as NsType
    return [link, refTo(inum, type, known)] as const
  })
  return {
    ...{ pid: tgid, tid, startTicks, comm, namespaces: Object.fromEntries(namespaces) },
    unknown: [
      ...unreadLinks({ linkErrnos }, NS_TYPE_NAMES),
      ...FOR_CHILDREN.filter((link) => link in linkErrnos).map((link) => `namespaces.${link}`),
    ],
    lossy,
  }
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
