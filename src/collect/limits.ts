import type { Host, NsHandle } from '../host/port.ts'
import type { IdMapLine } from '../kernel/id-map.ts'
import { NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import type { LimitsFacts } from '../model/limits.ts'
import type { Kinship, UserNamespace } from '../model/pair.ts'
import type { RunRequest } from '../model/run-request.ts'
import type { Namespace, Snapshot } from '../model/snapshot.ts'
import type { Subject } from '../model/subject.ts'
import type { Target } from '../model/target.ts'
import { handlesOf, readMap } from './caller.ts'
import type { Reading } from './collect.ts'
import { orExplainLater } from './host-failure.ts'
import { initialNamespaces } from './initial.ts'
import { confirmSubject, userOf } from './inspecting.ts'
import { readKinship } from './kinship.ts'
import { readSystemSettings, runFactsOf } from './limits-settings.ts'
import { collectList } from './list.ts'
import { type NamedSubject, type Naming, readNamed } from './named-subject.ts'
import type { Containers } from './resolve-target.ts'
import { levelsOf, readLimits } from './run.ts'
import { readSubject } from './subject.ts'

export interface LimitsQuestion {
  /** Null: the caller itself. */
  readonly named: { readonly text: string; readonly target: Target; readonly by: Containers } | null
  readonly request: Naming['request']
  /** Of which the forecast is wanted. */
  readonly run: RunRequest
}

/** What the caller itself meets. */
export function callersLimits(run: RunRequest, who: Reading): LimitsQuestion {
  return { named: null, run, request: { contents: [], ...who } }
}

/**
 * Reads what decides how many namespaces a task may have: all that there are, who owns them, and the settings.
 *
 * @throws NsxError where what was named is not there, or is another one by the end
 */
export function collectLimits(host: Host, question: LimitsQuestion): Promise<LimitsFacts> {
  return orExplainLater(host, () => collect(host, question))
}

async function collect(host: Host, question: LimitsQuestion): Promise<LimitsFacts> {
  const named = await readWhom(host, question)
  const { subject, place } = named
  const snapshot = readAll(host, question)
  const { host: info, coverage, namespaces } = snapshot
  const handles: NsHandle[] = subject ? handlesOf(subject) : place.handle ? [place.handle] : []
  const kinship = readKinship(host, handles)
  const users = usersOf(snapshot, kinship)
  const inferred = subject === null ? null : inferredUserNs(subject, namespaces)
  const userNs = userNsOf(named, { snapshot, kinship }) ?? inferred
  const reader = info.userNs?.inum ?? null
  const isInitial = initialNamespaces(host, info.pidNs?.inum)
  const facts = {
    ...{ host: info, coverage, target: question.named?.text ?? null, subject, userNs, namespaces },
    user: subject && userOf(host, subject),
    userNsInferred: userNs !== null && userNs === inferred,
    pidLevel: subject && levelsOf({ subject, kinship }).pid,
    initial: namespaces.flatMap(({ inum }) => (isInitial(inum) ? [inum] : [])),
    ...{ users, reader, limits: readLimits(host) },
    maps: readMaps(host, { userNs, reader, subject, namespaces, users }),
    run: subject && (await runFactsOf(host, { subject, kinship, reader }, question.run)),
    system: await readSystemSettings(host),
  }
  if (subject) confirmSubject(host, subject)
  return facts
}

function readWhom(host: Host, question: LimitsQuestion): NamedSubject | Promise<NamedSubject> {
  const { named, request } = question
  if (named) return readNamed(host, named, { containers: named.by, request })
  return { text: 'self', subject: readSubject(host, 'self'), place: null }
}

function readAll(host: Host, { request }: LimitsQuestion): Snapshot {
  const { uid, now, observer } = request
  return collectList(host, {
    selection: { types: new Set(NS_TYPE_NAMES), only: null, persistent: false },
    ...{ task: null, needs: new Set(['members', 'relatives'] as const) },
    ...{ descriptors: true, sockets: true, cmdlineBytes: 0, uid, now },
    ...(observer ? { observer } : {}),
  }).snapshot
}

/** All that were found, and those of the one that was named. */
function usersOf({ namespaces }: Snapshot, kinship: Kinship): Map<number, UserNamespace> {
  const found = namespaces
    .filter(({ type }) => type === 'user')
    .map(({ inum, parent, ownerUid }) => [inum, { inum, parent, ownerUid }] as const)
  return new Map([...kinship.users, ...found])
}

function userNsOf(
  { subject, place }: NamedSubject,
  { snapshot, kinship }: { readonly snapshot: Snapshot; readonly kinship: Kinship },
): number | null {
  if (subject) return subject.links.user ?? null
  if (place.type === 'user') return place.inum
  const found = snapshot.namespaces.find(({ inum }) => inum === place.inum)
  return found?.owner ?? kinship.owners.get(place.inum) ?? null
}

/** Of a process whose links may not be read. */
function inferredUserNs({ tgid, links }: Subject, namespaces: readonly Namespace[]): number | null {
  if (links.user !== undefined) return null
  const found = namespaces.find(({ type, members }) => type === 'user' && members.includes(tgid))
  return found?.inum ?? null
}

interface MapsQuestion extends Pick<LimitsFacts, 'userNs' | 'reader' | 'subject' | 'users'> {
  readonly namespaces: readonly Namespace[]
}

/** Of the user namespaces that count, each read from one of its processes. */
function readMaps(host: Host, question: MapsQuestion): LimitsFacts['maps'] {
  const { userNs, reader, subject, namespaces, users } = question
  const maps = new Map<number, readonly IdMapLine[]>()
  const seen = new Set<number>()
  for (let at = userNs; at !== null && !seen.has(at); at = users.get(at)?.parent ?? null) {
    seen.add(at)
    const ns = namespaces.find(({ inum }) => inum === at)
    const member = ns?.members.find((pid) => !ns.inferredMembers.includes(pid))
    const pid = subject?.links.user === at ? subject.pid : member
    const map = pid === undefined ? null : readMap(host, `${pid}/uid_map`)
    if (map) maps.set(at, at === reader ? map.map(asItself) : map)
  }
  return maps
}

/** In the reader's own user namespace an id is itself; its file shows it as its parent numbers it. */
function asItself(line: IdMapLine): IdMapLine {
  return { ...line, outside: line.inside }
}
