import type { Host, NsFacts, NsHandle } from '../host/port.ts'
import { parseCgroupMemberships } from '../kernel/cgroup-membership.ts'
import { type Errno, isGone } from '../kernel/errno.ts'
import { type IdMapLine, parseIdMap } from '../kernel/id-map.ts'
import { parseMountPlaces } from '../kernel/mount-places.ts'
import { isInitialInum, NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import { parseProcStat } from '../kernel/proc-stat.ts'
import { parseTimensOffsets, type TimensOffsets } from '../kernel/timens-offsets.ts'
import type { Kinship, Pair, Side } from '../model/pair.ts'
import type { Subject } from '../model/subject.ts'
import { orExplain } from './host-failure.ts'
import { noSuchTask } from './missing-task.ts'
import { attempt } from './task-links.ts'

export interface Unread {
  readonly pid: number
  readonly file: string
  readonly errno: Errno
}

export interface PairReading {
  readonly pair: Pair
  /** What is null in the pair because it could not be read. */
  readonly unread: readonly Unread[]
}

/**
 * Reads what lies between two tasks: the maps, mounts and cgroups of each, and how their namespaces are
 * related.
 *
 * @param names as sentences call the two
 * @throws NsxError where one of them has ended since it was read
 */
export function readPair(
  host: Host,
  [a, b]: readonly [Subject, Subject],
  names: readonly [string, string] = ['A', 'B'],
): PairReading {
  const unread: Unread[] = []
  const readerUserNs = userNamespaceOfReader(host)
  const sideOf = (subject: Subject, name: string): Side =>
    readSide(host, { subject, name, unread, readerUserNs })
  const sides = { a: sideOf(a, names[0]), b: sideOf(b, names[1]) }
  const kinship = orExplain(host, () => readKinship(host, [a, b]))
  const pair = {
    ...{ ...sides, kinship },
    kernelIds: readerUserNs !== null && isInitialInum(readerUserNs),
    yama: readYama(host),
  }
  for (const subject of [a, b]) confirm(host, subject)
  return { pair, unread }
}

interface SideReading {
  readonly subject: Subject
  readonly name: string
  readonly unread: Unread[]
  readonly readerUserNs: number | null
}

function readSide(host: Host, reading: SideReading): Side {
  const { subject, name, unread, readerUserNs } = reading
  const read = <T>(file: string, parse: (bytes: Buffer) => T | null): T | null => {
    const answer = attempt(
      () => parse(host.procfs.bytes(`${subject.pid}/${file}`)),
      `process ${subject.pid}`,
    )
    if ('errno' in answer) unread.push({ pid: subject.pid, file, errno: answer.errno })
    else if (answer.value === null) unread.push({ pid: subject.pid, file, errno: 'EINVAL' })
    return 'errno' in answer ? null : answer.value
  }
  const map = (file: string): readonly IdMapLine[] | null =>
    // The kernel shows the map of the reader's own namespace as its parent numbers ids.
    subject.links.user === readerUserNs && readerUserNs !== null
      ? SAME_IDS
      : read(file, (bytes) => parseIdMap(bytes.toString('latin1')))
  const uidMap = map('uid_map')
  return {
    ...{ name, subject, uidMap },
    gidMap: map('gid_map'),
    dumpable: readDumpable(host, subject, uidMap),
    // A zombie has none of these any more.
    mounts:
      subject.state === 'Z'
        ? null
        : read('mountinfo', (bytes) => parseMountPlaces(bytes.toString('latin1'))),
    cgroups: read('cgroup', parseCgroupMemberships),
    offsets: offsetsOf(subject, () =>
      read('timens_offsets', (bytes) => parseTimensOffsets(bytes.toString('latin1'))),
    ),
  }
}

const SAME_IDS: readonly IdMapLine[] = [{ inside: 0, outside: 0, count: 0xffff_ffff }]

const NO_OFFSETS: TimensOffsets = {
  monotonic: { seconds: 0, nanoseconds: 0 },
  boottime: { seconds: 0, nanoseconds: 0 },
}

/** The file tells of the namespace of its children, which need not be its own (KERNEL: fs/proc/base.c). */
function offsetsOf({ links }: Subject, read: () => TimensOffsets | null): TimensOffsets | null {
  if (links.time === undefined) return null
  if (isInitialInum(links.time)) return NO_OFFSETS
  return links.time === links.time_for_children ? read() : null
}

/**
 * The files of a process that is not dumpable belong to the root of the user namespace in which its program
 * was started (task_dump_owner() in fs/proc/base.c). Of a process of that root nothing can be told.
 */
function readDumpable(
  { procfs }: Host,
  { pid, state, credentials }: Subject,
  uidMap: readonly IdMapLine[] | null,
): boolean | null {
  const uid = credentials?.uid.effective
  if (uid === undefined || state === 'Z') return null
  const owner = attempt(() => procfs.stat(`${pid}/stat`).uid, `process ${pid}`)
  if ('errno' in owner) return null
  if (owner.value !== uid) return false
  const isRoot =
    uid === 0 || uidMap === null || uidMap.some((line) => line.inside === 0 && line.outside === uid)
  return isRoot ? null : true
}

function readKinship({ describe }: Host, subjects: readonly Subject[]): Kinship {
  const handles: NsHandle[] = subjects.flatMap(({ pid, links }) =>
    NS_TYPE_NAMES.flatMap((type) => {
      const inum = links[type]
      return inum === undefined ? [] : { kind: 'link', pid, type, inum }
    }),
  )
  const facts = describe ? describe(handles, { nsid: false }).facts : []
  const users = facts.filter(({ type }) => type === 'user')
  return {
    users: new Map(
      users.map(({ inum, parent, ownerUid }) => [
        inum,
        { inum, parent: known(parent), ownerUid: known(ownerUid) },
      ]),
    ),
    pidParents: columnOf(
      facts.filter(({ type }) => type === 'pid'),
      'parent',
    ),
    owners: columnOf(
      facts.filter(({ type }) => type !== 'user'),
      'owner',
    ),
  }
}

function columnOf(
  facts: readonly NsFacts[],
  column: 'parent' | 'owner',
): Map<number, number | null> {
  return new Map(facts.map((fact) => [fact.inum, known(fact[column])]))
}

/** An errno (EPERM): there is none, or it is out of sight. */
function known(answer: number | Errno | null): number | null {
  return typeof answer === 'number' ? answer : null
}

function readYama({ procfs }: Host): number | null {
  const answer = attempt(() => procfs.text('sys/kernel/yama/ptrace_scope'), 'sys')
  return 'value' in answer && /^[0-3]\n?$/.test(answer.value) ? Number(answer.value) : null
}

function userNamespaceOfReader({ readerPid, procfs }: Host): number | null {
  if (readerPid === null) return null
  const answer = attempt(() => procfs.link(`${readerPid}/ns/user`), `process ${readerPid}`)
  return 'value' in answer ? Number(/\d+/.exec(answer.value)?.[0]) : null
}

function confirm(host: Host, { pid, startTicks }: Subject): void {
  const answer = attempt(() => host.procfs.bytes(`${pid}/stat`), `process ${pid}`)
  if ('errno' in answer && !isGone(answer.errno)) return
  const stat = 'value' in answer ? parseProcStat(answer.value) : null
  if (stat?.startTicks !== startTicks) throw noSuchTask(host, pid, 'ESRCH')
}
