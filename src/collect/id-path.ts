import { parsePasswd } from '../host/passwd.ts'
import type { Host } from '../host/port.ts'
import type { IdMapLine } from '../kernel/id-map.ts'
import { isInitialInum } from '../kernel/namespace-types.ts'
import type { IdKind, IdLevel, IdPath } from '../model/id-facts.ts'
import { readFileBelow, readMap } from './caller.ts'
import type { Context } from './context.ts'
import { containersOf } from './inspecting.ts'
import type { NamedSubject } from './named-subject.ts'
import { someMembers } from './some-members.ts'
import { readKin, topmost } from './topmost.ts'

/** Where each kind of id is told of: names, who may map ranges, and the map of a process. */
export const ID_FILES = {
  uid: { names: 'etc/passwd', grants: 'etc/subuid', map: 'uid_map' },
  gid: { names: 'etc/group', grants: 'etc/subgid', map: 'gid_map' },
} as const

/** In the reader's own user namespace an id is itself; its file shows it as its parent numbers it. */
const SAME_IDS: readonly IdMapLine[] = [{ inside: 0, outside: 0, count: 0xffff_ffff }]

/** Of a namespace with more members it is not asked which one is topmost. */
const MOST_READ = 4096

export interface IdPathQuestion {
  readonly kind: IdKind
  /** Null: the reader. */
  readonly named: NamedSubject | null
  readonly text: string
}

/**
 * The user namespaces from the reader's down to that of a task, each with the map of one of its processes. An
 * unreadable one is the second of two levels, with nothing known of what is between.
 */
export async function readIdPath(context: Context, question: IdPathQuestion): Promise<IdPath> {
  const { named, kind, text } = question
  const { host, reader } = context
  const top = reader.get('user') ?? null
  const first = await ownLevel(host, kind, top)
  if (named === null) return { text, levels: [first], complete: true }
  const inum = named.subject ? (named.subject.links.user ?? null) : named.place.inum
  if (inum !== null && inum === top) return { text, levels: [first], complete: true }
  const line = inum === null ? [] : lineOf(context, inum)
  const at = top === null ? -1 : line.indexOf(top)
  const below = at < 0 ? [inum] : line.slice(0, at).reverse()
  // Of a namespace that is not below the reader's the kernel translates but the first id.
  const legible = at >= 0 || (top !== null && isInitialInum(top))
  const pids = representatives(context, below, named)
  const containers = await containersOf(context, [...pids.values()])
  const levels: IdLevel[] = [first]
  for (const each of below) {
    const pid = pids.get(each)
    const map = pid === undefined || !legible ? null : readMap(host, `${pid}/${ID_FILES[kind].map}`)
    const names = pid === undefined ? null : await idNames(host, kind, pid)
    const container = pid === undefined ? undefined : containers[pid]
    levels.push({ inum: each, map, names, container })
  }
  return { text, levels, complete: at >= 0 }
}

async function ownLevel(host: Host, kind: IdKind, inum: number | null): Promise<IdLevel> {
  return { inum, map: SAME_IDS, names: await idNames(host, kind, null), container: null }
}

/**
 * Names by id, as a process has them in its root; of none, as the reader has them.
 *
 * @returns null where the file cannot be read
 */
async function idNames(
  host: Host,
  kind: IdKind,
  pid: number | null,
): Promise<ReadonlyMap<number, string> | null> {
  const root = pid === null ? '/' : host.procfs.path(`${pid}/root`)
  const text = await readFileBelow(host, root, ID_FILES[kind].names)
  return text === null ? null : parsePasswd(Buffer.from(text, 'latin1').toString())
}

/** A process of each namespace: the one that was named, else the topmost. */
function representatives(
  context: Context,
  inums: readonly (number | null)[],
  { subject }: NamedSubject,
): Map<number | null, number> {
  const pids = new Map<number | null, number>()
  if (subject) pids.set(subject.links.user ?? null, subject.pid)
  const wanted = inums.flatMap((inum) => (inum === null || pids.has(inum) ? [] : [inum]))
  for (const [inum, members] of someMembers(context, 'user', wanted)) {
    const found = topmost(readKin(context.host, members.slice(0, MOST_READ)))
    if (found) pids.set(inum, found.pid)
  }
  return pids
}

/** A user namespace and those above it, as far as they are in sight. */
function lineOf({ draft }: Context, inum: number): number[] {
  const line: number[] = []
  let at: number | null | undefined = inum
  while (typeof at === 'number' && !line.includes(at)) {
    line.push(at)
    at = draft.namespaces.get(at)?.parent
  }
  return line
}
