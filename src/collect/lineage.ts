import type { ProcessEvidence, Relative } from '../containers/family.ts'
import { errnoName } from '../host/errno-name.ts'
import type { FileText, Host, ProcessTexts } from '../host/port.ts'
import { errnoOf } from '../host/system-error.ts'
import { parseCmdline } from '../kernel/cmdline.ts'
import type { Errno } from '../kernel/errno.ts'
import { type MountinfoLine, parseMountinfo } from '../kernel/mountinfo.ts'
import { type CgroupLine, parseProcCgroup } from '../kernel/proc-cgroup.ts'
import { parseProcStat } from '../kernel/proc-stat.ts'
import { parseEffectiveUid } from '../kernel/proc-status.ts'
import { decodeText } from '../kernel/text.ts'
import type { Process } from '../model/snapshot.ts'

/** What a process and its parents say, each read once. */
export interface Told {
  readonly evidence: ProcessEvidence
  /** Equal for processes with equal cgroups and the same parent. */
  readonly key: string
  /** A parent could not be read, or is another process by now: there may be more. */
  readonly broken: boolean
}

interface Known extends Relative {
  readonly ppid: number
  readonly startTicks: string
}

/** Of a command line, what tells of a container is at its beginning; runc's has the id at its end. */
const CMDLINE_BYTES = 32 * 1024
/** Deeper, nobody looks for what a process is in. */
const MOST_PARENTS = 64

/**
 * Reads the cgroups of processes, and their parents up to the top, in one bulk call a generation.
 *
 * @param known what has been read already; whoever is another process by now is left out.
 * @param cgroups of those: what was read in the same visit, so that it needs no other.
 * @param onFailure told why a process could not be read.
 */
export function readLineages(
  host: Host,
  pids: readonly number[],
  how: {
    known: readonly Process[]
    cgroups: ReadonlyMap<number, FileText>
    onFailure: (errno: Errno, pid: number) => void
  },
): Map<number, Told> {
  const read = new Map<number, Known | null>()
  const cgroups = new Map<number, string>()
  const whole = new Map(how.known.flatMap(wholeOf).map((process) => [process.pid, process]))
  const add = (pid: number, process: Known | null, text: FileText | null): void => {
    read.set(pid, process)
    const cgroup = bytesOf(text, how.onFailure, pid)
    if (cgroup && process) cgroups.set(pid, decodeText(cgroup).text)
  }
  const take = (asked: readonly number[], request: { full: boolean; cgroup: boolean }): void => {
    const texts = host.readProcesses(asked, {
      ...{ status: request.full, cmdlineBytes: request.full ? CMDLINE_BYTES : 0 },
      cgroup: request.cgroup,
    })
    for (const [i, pid] of asked.entries()) {
      const text = texts[i] as ProcessTexts
      const process = request.full
        ? knownOf(text, how.onFailure, pid)
        : sameOf(text, whole.get(pid))
      add(pid, process, text.cgroup)
    }
  }
  const brief: number[] = []
  const full: number[] = []
  for (const pid of pids) {
    const process = whole.get(pid)
    const cgroup = how.cgroups.get(pid)
    if (process && cgroup !== undefined) add(pid, process, cgroup)
    else if (process) brief.push(pid)
    else full.push(pid)
  }
  if (brief.length > 0) take(brief, { full: false, cgroup: true })
  if (full.length > 0) take(full, { full: true, cgroup: true })
  for (let i = 0; i < MOST_PARENTS; i++) {
    const parents = [...read.values()].flatMap((process) => process?.ppid || [])
    const missing = [...new Set(parents)].filter((pid) => !read.has(pid))
    if (missing.length === 0) break
    take(missing, { full: true, cgroup: false })
  }
  const parsed = new Map<string, readonly CgroupLine[]>()
  const ancestors = new Map<number, Ancestors>()
  const told = new Map<number, Told>()
  for (const [pid, text] of cgroups) {
    const process = read.get(pid) as Known
    const cgroupLines = parsed.get(text) ?? parseProcCgroup(text)
    parsed.set(text, cgroupLines)
    const { chain, broken } = ancestorsOf(process, read, ancestors)
    told.set(pid, {
      evidence: { cgroups: cgroupLines, lineage: [process, ...chain], mounts: null },
      key: `${process.ppid}\0${text}`,
      broken,
    })
  }
  return told
}

/** The parent of a process and those above it; each chain is made once for all its children. */
interface Ancestors {
  readonly chain: readonly Known[]
  readonly broken: boolean
}

function ancestorsOf(
  child: Known,
  read: ReadonlyMap<number, Known | null>,
  made: Map<number, Ancestors>,
  depth = 0,
): Ancestors {
  if (child.ppid === 0) return { chain: [], broken: false }
  const parent = read.get(child.ppid)
  if (!parent || depth > MOST_PARENTS || isYounger(parent, child))
    return { chain: [], broken: true }
  const known = made.get(parent.pid)
  if (known) return known
  const above = ancestorsOf(parent, read, made, depth + 1)
  const ancestors = { chain: [parent, ...above.chain], broken: above.broken }
  made.set(parent.pid, ancestors)
  return ancestors
}

/** Its pid was used again since the child said who its parent is. */
function isYounger(parent: Known, child: Known): boolean {
  return BigInt(parent.startTicks) > BigInt(child.startTicks)
}

/** None where not all of it was read. */
function wholeOf({ pid, ppid, comm, args, uid, startTicks }: Process): Known[] {
  if (args === null || uid === null) return []
  return [{ pid, comm, args, uid, startTicks, ppid: ppid ?? 0 }]
}

function sameOf({ stat }: ProcessTexts, known: Known | undefined): Known | null {
  const now = typeof stat === 'string' ? null : parseProcStat(stat)
  if (!known || now?.startTicks !== known.startTicks) return null
  return now.ppid === known.ppid ? known : { ...known, ppid: now.ppid }
}

function knownOf(
  texts: ProcessTexts,
  onFailure: (errno: Errno, pid: number) => void,
  pid: number,
): Known | null {
  const bytes = bytesOf(texts.stat, onFailure, pid)
  const stat = bytes && parseProcStat(bytes)
  if (!stat) return null
  const status = bytesOf(texts.status, onFailure, pid)
  const cmdline = bytesOf(texts.cmdline, onFailure, pid)
  return {
    pid: stat.pid,
    ppid: stat.ppid,
    startTicks: stat.startTicks,
    comm: stat.comm.text,
    args: cmdline ? parseCmdline(cmdline).args : [],
    uid: status && parseEffectiveUid(status),
  }
}

function bytesOf(
  text: FileText | null,
  onFailure: (errno: Errno, pid: number) => void,
  pid: number,
): Buffer | null {
  if (typeof text === 'string') onFailure(text, pid)
  return Buffer.isBuffer(text) ? text : null
}

/** Null: they could not be read. */
export function readMounts(
  { procfs }: Host,
  pid: number,
  onFailure: (errno: Errno, pid: number) => void,
): readonly MountinfoLine[] | null {
  try {
    const text = procfs.text(`${pid}/mountinfo`)
    // Most processes have nothing of it, and a long list is dear to parse.
    return text.includes('/userdata/') ? parseMountinfo(text) : []
  } catch (error) {
    const errno = errnoName(errnoOf(error))
    // A zombie has none any more (mounts_open_common() in fs/proc_namespace.c).
    if (errno !== 'EINVAL') onFailure(errno, pid)
    return null
  }
}
