import type { Host } from '../host/port.ts'
import { parseCgroupMemberships } from '../kernel/cgroup-membership.ts'
import type { Errno } from '../kernel/errno.ts'
import { type IdMapLine, parseIdMap } from '../kernel/id-map.ts'
import { parseMountinfo } from '../kernel/mountinfo.ts'
import { isInitialInum } from '../kernel/namespace-types.ts'
import { parseProcStat } from '../kernel/proc-stat.ts'
import { parseTimensOffsets, type TimensOffsets } from '../kernel/timens-offsets.ts'
import type { Side } from '../model/pair.ts'
import type { Subject } from '../model/subject.ts'
import { attempt } from './task-links.ts'

/** Something of a task that could not be read. */
export interface Unread {
  readonly pid: number
  readonly file: string
  readonly errno: Errno
}

export interface SideReading {
  readonly subject: Subject
  readonly name: string
  readonly unread: Unread[]
  readonly readerUserNs: number | null
  readonly kernelIds: boolean
  /** What the reader is shown of the maps can be relied on. */
  readonly mapped: boolean
  /** Only with Yama. */
  readonly ancestors: boolean
}

/** Reads what the rules ask of one task; what cannot be read is added to `unread`. */
export function readSide(host: Host, reading: SideReading): Side {
  const { subject, name, unread, readerUserNs, kernelIds, mapped } = reading
  const read = <T>(file: string, parse: (bytes: Buffer) => T | null): T | null => {
    const answer = attempt(
      () => parse(host.procfs.bytes(`${subject.pid}/${file}`)),
      `process ${subject.pid}`,
    )
    if ('errno' in answer) unread.push({ pid: subject.pid, file, errno: answer.errno })
    else if (answer.value === null) unread.push({ pid: subject.pid, file, errno: 'EINVAL' })
    return 'errno' in answer ? null : answer.value
  }
  const map = (file: string): readonly IdMapLine[] | null => {
    // The kernel shows the map of the reader's own namespace as its parent numbers ids.
    if (subject.links.user === readerUserNs && readerUserNs !== null) return SAME_IDS
    return mapped ? read(file, (bytes) => parseIdMap(bytes.toString('latin1'))) : null
  }
  const uidMap = map('uid_map')
  return {
    ...{ name, subject, uidMap },
    gidMap: map('gid_map'),
    dumpable: readDumpable(host, { ...reading, uidMap: kernelIds ? uidMap : null }),
    // A zombie has none of these any more.
    mounts:
      subject.state === 'Z'
        ? null
        : read('mountinfo', (bytes) => parseMountinfo(bytes.toString('latin1'))),
    cgroups: read('cgroup', parseCgroupMemberships),
    ancestors: reading.ancestors ? readAncestors(host, subject) : null,
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

/** The file tells of `time_for_children`, which need not be its own (proc_timens_show_offsets()). */
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
  { subject, unread, uidMap }: SideReading & { readonly uidMap: readonly IdMapLine[] | null },
): boolean | null {
  const { pid, state, credentials } = subject
  const uid = credentials?.uid.effective
  if (uid === undefined || state === 'Z') return null
  const owner = attempt(() => procfs.stat(`${pid}/stat`).uid, `process ${pid}`)
  if ('errno' in owner) {
    unread.push({ pid, file: 'stat', errno: owner.errno })
    return null
  }
  if (owner.value !== uid) return false
  const isRoot =
    uid === 0 || uidMap === null || uidMap.some((line) => line.inside === 0 && line.outside === uid)
  return isRoot ? null : true
}

/** @returns null where the line breaks off: one of them has ended meanwhile, or is hidden */
function readAncestors({ procfs }: Host, { ppid }: Subject): number[] | null {
  const line: number[] = []
  let pid = ppid ?? 0
  while (pid !== 0 && !line.includes(pid)) {
    line.push(pid)
    const answer = attempt(() => procfs.bytes(`${pid}/stat`), `process ${pid}`)
    const stat = 'value' in answer ? parseProcStat(answer.value) : null
    if (!stat) return null
    pid = stat.ppid
  }
  return line
}
