import type { Host, NsHandle } from '../host/port.ts'
import { type Errno, isGone } from '../kernel/errno.ts'
import { isInitialInum, NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import { parseProcStat } from '../kernel/proc-stat.ts'
import type { Kinship, Pair, Side } from '../model/pair.ts'
import type { Subject } from '../model/subject.ts'
import { readKinship } from './kinship.ts'
import { noSuchTask } from './missing-task.ts'
import { readSide, type Unread } from './side.ts'
import { attempt } from './task-links.ts'

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
  const kernelIds = readerUserNs !== null && isInitialInum(readerUserNs)
  const yama = readYama(host, (errno) => unread.push({ pid: a.pid, file: YAMA, errno }))
  const kinship = readKinship(host, [...linksOf(a), ...linksOf(b)])
  const sideOf = (subject: Subject, name: string): Side => {
    // Of a map of a namespace that is not below the reader's, the kernel translates the first id alone.
    const mapped = kernelIds || (readerUserNs !== null && isBelow(kinship, subject, readerUserNs))
    const reader = { readerUserNs, kernelIds, mapped }
    return readSide(host, { subject, name, unread, ...reader, ancestors: yama === 1 })
  }
  const inOneNet = a.links.net !== undefined && a.links.net === b.links.net
  const onFailure = (file: string, errno: Errno) => unread.push({ pid: a.pid, file, errno })
  const pair = {
    ...{ a: sideOf(a, names[0]), b: sideOf(b, names[1]) },
    ...{ kinship, kernelIds, yama },
    loopback: inOneNet ? isLoopbackUp(host, a, onFailure) : null,
  }
  for (const subject of [a, b]) confirm(host, subject)
  return { pair, unread }
}

function isBelow({ users }: Kinship, { links }: Subject, top: number): boolean {
  let at: number | null | undefined = links.user
  while (typeof at === 'number' && at !== top) at = users.get(at)?.parent
  return at === top
}

function linksOf({ pid, links }: Subject): NsHandle[] {
  return NS_TYPE_NAMES.flatMap((type) => {
    const inum = links[type]
    return inum === undefined ? [] : [{ kind: 'link', pid, type, inum }]
  })
}

const YAMA = 'sys/kernel/yama/ptrace_scope'

/** A kernel without it has no such file. */
function readYama({ procfs }: Host, onFailure: (errno: Errno) => void): number | null {
  const answer = attempt(() => procfs.text(YAMA), 'sys')
  if ('errno' in answer && !isGone(answer.errno)) onFailure(answer.errno)
  return 'value' in answer && /^[0-3]\n?$/.test(answer.value) ? Number(answer.value) : null
}

function userNamespaceOfReader({ readerPid, procfs }: Host): number | null {
  if (readerPid === null) return null
  const answer = attempt(() => procfs.link(`${readerPid}/ns/user`), `process ${readerPid}`)
  return 'value' in answer ? Number(/\d+/.exec(answer.value)?.[0]) : null
}

/**
 * It belongs to the group of all hosts as long as it is up (ip_mc_up() in net/ipv4/igmp.c); its addresses stay
 * when it goes down. It is the first interface of its namespace, whatever its name.
 */
function isLoopbackUp(
  { procfs }: Host,
  { pid }: Subject,
  onFailure: (file: string, errno: Errno) => void,
): boolean | null {
  const has = (file: string, what: RegExp): boolean | null => {
    const answer = attempt(() => procfs.text(`${pid}/net/${file}`), `process ${pid}`)
    if ('errno' in answer && !isGone(answer.errno)) onFailure(file, answer.errno)
    return 'value' in answer ? what.test(answer.value) : null
  }
  // 224.0.0.1, in the byte order of the machine.
  const up = has('igmp', /^1\t.*\n(?:\t+[0-9A-F]{8} .*\n)*?\t+(?:010000E0|E0000001) /m)
  if (up !== true) return up
  if (has('if_inet6', /^0{31}1 01 /m)) return true
  return has('fib_trie', /^\s*\|-- 127\.0\.0\.1$/m)
}

function confirm(host: Host, { pid, startTicks }: Subject): void {
  const answer = attempt(() => host.procfs.bytes(`${pid}/stat`), `process ${pid}`)
  if ('errno' in answer && !isGone(answer.errno)) return
  const stat = 'value' in answer ? parseProcStat(answer.value) : null
  if (stat?.startTicks !== startTicks) throw noSuchTask(host, pid, 'ESRCH')
}
