import { EXIT, NsxError } from '../errors.ts'
import type { Host } from '../host/port.ts'
import { NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'
import { parseProcStat } from '../kernel/proc-stat.ts'
import type { Container } from '../model/container.ts'
import type { KnownNamespace } from '../model/inspection.ts'
import type { Coverage } from '../model/snapshot.ts'
import type { Subject } from '../model/subject.ts'
import type { Reading } from './collect.ts'
import { collectContainers } from './containers.ts'
import { type Context, readerNamespaces } from './context.ts'
import { bookHidden, coverageOf } from './coverage.ts'
import { addGap, addGaps, namespaceOf, newDraft } from './draft.ts'
import { addFacts } from './facts.ts'
import { hidesProcesses } from './hidden.ts'
import { initialNamespaces } from './initial.ts'
import { collectRelatives } from './relatives.ts'
import type { Observer } from './request.ts'
import { readSubject } from './subject.ts'
import { attempt } from './task-links.ts'

/** More of a command line is cut, and named in `lossy`. */
export const CMDLINE_BYTES = 128 * 1024

/** What a close look at a few tasks or namespaces has in common, whatever is asked about them. */
export interface InspectRequest extends Reading {
  /** Of which types the contents are read. */
  readonly contents: readonly NsType[]
  /** Also look for the processes that listen, which takes a look at all descriptors of the members. */
  readonly owners?: boolean
  readonly observer?: Observer
}

/** A context in which only what is named is looked at. */
export function inspecting(host: Host, { observer }: InspectRequest): Context {
  const draft = newDraft()
  return {
    ...{ host, draft, reader: readerNamespaces(host, draft) },
    request: {
      types: NS_TYPE_NAMES,
      sources: new Set(['relatives']),
      wanted: () => true,
      details: { leaders: false, users: false, holders: false, cmdlineBytes: 0 },
      ...(observer ? { observer } : {}),
    },
  }
}

/** A task as it was found: its pid may be another's by the time that it is read. */
export interface FoundTask {
  readonly pid: number
  readonly startTicks: string
}

/** @throws NsxError where it is no more, or is another one by now. */
export function readFound(host: Host, { pid, startTicks }: FoundTask): Subject {
  const subject = readSubject(host, pid)
  if (subject.startTicks === startTicks) return subject
  throw hasChanged(pid, true)
}

/** Adds the namespaces of a task, their ancestors and owners; what of it could not be read is booked. */
export function addSubjects(context: Context, subjects: readonly Subject[]): void {
  for (const subject of subjects) bookUnread(context, subject)
  for (const { pid, links } of subjects) {
    for (const type of NS_TYPE_NAMES) {
      const inum = links[type]
      if (inum !== undefined) namespaceOf(context.draft, type, inum).members.push(pid)
    }
  }
  collectRelatives(context)
  for (const subject of subjects) addOthers(context, subject)
}

function bookUnread({ draft }: Context, subject: Subject): void {
  const { pid, linkErrnos, strayThreads, threadsUnread, args } = subject
  for (const name of ['processes', 'threads']) {
    if (!draft.sources.has(name)) draft.sources.set(name, 'read')
  }
  for (const errno of Object.values(linkErrnos)) addGap(draft, 'processes', { errno, pid })
  for (const { linkErrnos } of strayThreads) {
    for (const errno of Object.values(linkErrnos)) addGap(draft, 'threads', { errno, pid })
  }
  if (args === null) draft.sources.set('processes', 'partial')
  if (threadsUnread > 0) draft.sources.set('threads', 'partial')
}

/** Those that only children of the task, or single threads, are in are reached by their own links alone. */
function addOthers(context: Context, subject: Subject): void {
  const { host, draft } = context
  const paths = new Map<number, string>()
  for (const { folder, links } of foldersOf(subject)) {
    for (const [link, inum] of Object.entries(links)) {
      if (!draft.namespaces.has(inum)) paths.set(inum, host.procfs.path(`${folder}/ns/${link}`))
    }
  }
  const handles = [...paths.values()].map((path) => ({ kind: 'path', path, inum: null }) as const)
  if (handles.length === 0 || !host.describe) return
  addFacts(context, host.describe(handles, { nsid: false }).facts)
}

function foldersOf({ pid, tgid, links, strayThreads }: Subject) {
  const threads = strayThreads.map((thread) => ({
    ...{ folder: `${tgid}/task/${thread.tid}`, links: thread.links },
  }))
  return [{ folder: String(pid), links }, ...threads]
}

/** All that have been added, ascending by inode. */
export function knownNamespaces({ draft, host, reader }: Context): KnownNamespace[] {
  const isInitial = initialNamespaces(host, reader.get('pid'))
  return [...draft.namespaces.values()]
    .sort((a, b) => a.inum - b.inum)
    .map(({ type, inum, id, owner, parent, ownerUid, unknown }) => ({
      ...{ type, inum, id, owner, parent, ownerUid },
      initial: isInitial(inum),
      unknown: [...unknown].sort(),
    }))
}

/**
 * Makes sure that a task is still the one that was read: what was read through its pid is of no other.
 *
 * @throws NsxError where it is not.
 */
export function confirmSubject({ procfs }: Host, { pid, startTicks }: Subject): void {
  const answer = attempt(() => procfs.bytes(`${pid}/stat`), `process ${pid}`)
  const now = 'value' in answer ? parseProcStat(answer.value) : null
  if (now?.startTicks !== startTicks) throw hasChanged(pid, now !== null)
}

function hasChanged(pid: number, isAnother: boolean): NsxError {
  return new NsxError(`process ${pid} has ended while it was looked at`, {
    code: 'no-such-process',
    exitCode: EXIT.noTarget,
    target: String(pid),
    hint: isAnother
      ? 'its pid is another process by now'
      : 'nsx list shows the processes that there are',
  })
}

/** Also books that processes may be hidden. */
export function finishedCoverage({ host, draft, reader }: Context): Coverage {
  const hidepid = draft.sources.has('processes') && hidesProcesses(host, reader.get('user'))
  if (hidepid) bookHidden(draft)
  return coverageOf(draft, hidepid)
}

/** The name of whom it runs as. */
export function userOf(host: Host, { credentials }: Subject): string | null {
  return credentials && host.userName(credentials.uid.effective)
}

/** What these processes are contained in, by pid; what could not be read is booked. */
export async function containersOf(
  { host, draft }: Context,
  pids: readonly number[],
): Promise<Record<number, Container | null>> {
  const { of, gaps, partial } = await collectContainers(host, pids)
  draft.sources.set('containers', partial ? 'partial' : 'read')
  addGaps(draft, gaps)
  return Object.fromEntries(of)
}
