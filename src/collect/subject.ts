import { EXIT, NsxError } from '../errors.ts'
import type { Host } from '../host/port.ts'
import { parseCmdline } from '../kernel/cmdline.ts'
import { type Errno, isGone } from '../kernel/errno.ts'
import { type ProcStat, parseProcStat } from '../kernel/proc-stat.ts'
import { type ProcStatus, parseStatus } from '../kernel/proc-status.ts'
import type { Subject } from '../model/subject.ts'
import { noSuchTask, pidOf, unreadableTask } from './missing-task.ts'
import { readStrayThreads } from './stray-threads.ts'
import { type Answer, attempt, readTaskLinks } from './task-links.ts'

/** How often a task is read anew when it has become another one, or a zombie, meanwhile. */
const MOST_READINGS = 5

/** A longer command line is cut, and named in `lossy`. */
const CMDLINE_BYTES = 128 * 1024

/**
 * Reads one task (a process, or a thread by its tid) closely: who it is, its namespaces and credentials.
 * All of it is of one task, because its start time and state are the same before and after. Links that
 * cannot be read are named with their errno; what anybody may read of it is shown still.
 *
 * @throws NsxError when there is no such task, it is hidden, or every reading met another one.
 */
export function readSubject(host: Host, task: number | 'self'): Subject {
  const pid = pidOf(host, task)
  for (let reading = 0; reading < MOST_READINGS; reading++) {
    const subject = readOnce(host, pid)
    if (subject) return subject
  }
  throw new NsxError(`process ${pid} changes faster than it can be read`, {
    code: 'unreadable',
    exitCode: EXIT.incomplete,
    target: String(pid),
    hint: 'its pid is being used again and again: name a process that lives longer',
  })
}

/** @returns null where what was read is not all of one task */
function readOnce(host: Host, pid: number): Subject | null {
  const { procfs } = host
  const what = `process ${pid}`
  const before = readStat(host, pid)
  const statusBytes = attempt(() => procfs.bytes(`${pid}/status`), what)
  const cmdline = attempt(() => procfs.head(`${pid}/cmdline`, CMDLINE_BYTES), what)
  const links = readTaskLinks(procfs, String(pid))
  const status = isGoneAnswer(statusBytes) ? null : statusOf(host, pid, statusBytes)
  const threads = status && readThreads(host, { pid, ...links, ...status })
  const after = readStat(host, pid)
  if (!status || !threads || !isSame(before, after)) return null
  const { comm, state, ppid, kernelThread, startTicks } = after
  const { args, lossy } = argsOf(cmdline)
  return {
    pid,
    tgid: status.tgid,
    ppid: ppid === 0 ? null : ppid,
    startTicks,
    comm: comm.text,
    args,
    lossy: [...(comm.lossy ? (['comm'] as const) : []), ...lossy],
    ...{ state, kernelThread, threads: status.threads },
    credentials: status.credentials,
    nsPids: status.nsPids,
    ...links,
    ...threads,
  }
}

function isSame(before: ProcStat, after: ProcStat): boolean {
  // Becoming a zombie takes the links away one by one.
  const zombies = [before, after].filter(({ state }) => state === 'Z')
  return before.startTicks === after.startTicks && zombies.length !== 1
}

function readStat(host: Host, pid: number): ProcStat {
  const answer = attempt(() => host.procfs.bytes(`${pid}/stat`), `process ${pid}`)
  if ('errno' in answer) throw refused(host, pid, answer.errno)
  const stat = parseProcStat(answer.value)
  if (stat?.pid === pid) return stat
  throw unreadableTask(`process ${pid}`, { pid, errno: 'EINVAL' })
}

function statusOf(host: Host, pid: number, answer: Answer<Buffer>): ProcStatus {
  if ('errno' in answer) throw refused(host, pid, answer.errno)
  const status = parseStatus(answer.value)
  if (status) return status
  throw unreadableTask(`the status of process ${pid}`, { pid, errno: 'EINVAL' })
}

/** Its stat and status are for everybody to read, unless the procfs hides it (hidepid). */
function refused(host: Host, pid: number, errno: Errno): NsxError {
  if (isGone(errno)) return noSuchTask(host, pid, errno)
  const hint = 'this procfs is mounted with hidepid; root sees all: sudo nsx'
  return unreadableTask(`process ${pid}`, { pid, errno, hint })
}

type Threads = Pick<Subject, 'strayThreads' | 'threadsUnread'>

/** @returns null where the process has ended meanwhile */
function readThreads(
  { procfs }: Host,
  task: Parameters<typeof readStrayThreads>[1] & Pick<ProcStatus, 'threads'>,
): Threads | null {
  if (task.threads <= 1) return { strayThreads: [], threadsUnread: 0 }
  const answer = attempt(() => readStrayThreads(procfs, task), `process ${task.pid}`)
  if ('value' in answer) return answer.value
  return isGone(answer.errno) ? null : { strayThreads: [], threadsUnread: task.threads - 1 }
}

function argsOf(answer: Answer<Buffer>): Pick<Subject, 'args'> & { lossy: readonly 'args'[] } {
  if ('errno' in answer) return { args: null, lossy: [] }
  const { args, lossy } = parseCmdline(answer.value)
  return { args, lossy: lossy || answer.value.length >= CMDLINE_BYTES ? ['args'] : [] }
}

function isGoneAnswer(answer: Answer<Buffer>): boolean {
  return 'errno' in answer && isGone(answer.errno)
}
