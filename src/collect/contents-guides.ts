import { contentsType } from '../contents/contents-types.ts'
import { errnoName } from '../host/errno-name.ts'
import type { Host } from '../host/port.ts'
import { errnoOf } from '../host/system-error.ts'
import { type Errno, isDenied } from '../kernel/errno.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import { parseNsLink } from '../kernel/ns-link.ts'
import { parseProcStat } from '../kernel/proc-stat.ts'
import type { ContentsPlace } from './contents.ts'

/** A process that a namespace is read through, as it was before. */
export interface Guide {
  readonly pid: number
  readonly startTicks: string
}

/** The first of the processes that is in the namespace, who comes after it; or why there is none. */
export function findGuide(
  host: Host,
  place: ContentsPlace,
  pids: readonly number[],
): { guide: Guide | null; left: readonly number[]; errno: Errno } {
  let errno: Errno = 'ESRCH'
  for (const [i, pid] of pids.entries()) {
    const startTicks = memberSince(host, place, pid)
    if (typeof startTicks === 'object') {
      return { guide: { pid, ...startTicks }, left: pids.slice(i + 1), errno }
    }
    errno = startTicks
  }
  return { guide: null, left: [], errno }
}

/** Whether all that was read through it is of one process, which was in the namespace all the time. */
export function isStillGuide(
  host: Host,
  { place, guide }: { readonly place: ContentsPlace; readonly guide: Guide | null },
): boolean {
  if (!guide) return true
  const now = memberSince(host, place, guide.pid)
  return typeof now === 'object' && now.startTicks === guide.startTicks
}

/** The link of a process that names the namespace whereof its files tell. */
function guideLink(type: NsType): string {
  const needs = Object.values(contentsType(type).needs)
  return needs.flatMap((need) => (need.from === 'process' ? (need.of ?? []) : []))[0] ?? type
}

function memberSince(
  { procfs }: Host,
  { type, inum }: ContentsPlace,
  pid: number,
): { startTicks: string } | Errno {
  try {
    const stat = parseProcStat(procfs.bytes(`${pid}/stat`))
    if (!stat) return 'EINVAL'
    const name = guideLink(type)
    const link = linkOf(() => procfs.link(`${pid}/ns/${name}`))
    // Where its files tell of the namespace of its children, another one there is no failure.
    if (link !== null && parseNsLink(link)?.inum !== inum)
      return name === type ? 'ESTALE' : 'ENOENT'
    return { startTicks: stat.startTicks }
  } catch (error) {
    return errnoName(errnoOf(error))
  }
}

/** Null: we may not look, so that the member is one by inference. */
function linkOf(read: () => string): string | null {
  try {
    return read() || null
  } catch (error) {
    if (isDenied(errnoName(errnoOf(error)))) return null
    throw error
  }
}
