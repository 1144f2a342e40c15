import type { Procfs } from '../host/procfs.ts'
import { isGone } from '../kernel/errno.ts'
import { type ProcStat, parseProcStat } from '../kernel/proc-stat.ts'
import { NS_LINK_NAMES, type StrayThread, type Subject } from '../model/subject.ts'
import { attempt, readTaskLinks, type TaskLinks } from './task-links.ts'

/** Some 0.15 ms each: beyond it, half a second is enough. */
const MOST_THREADS = 4096

/**
 * Compares all threads of a process with one task of it. A thread that ends meanwhile is none.
 *
 * @throws the error of listing the threads: the process is gone then, or hidden
 */
export function readStrayThreads(
  procfs: Procfs,
  task: { readonly pid: number; readonly tgid: number } & TaskLinks,
): Pick<Subject, 'strayThreads' | 'threadsUnread'> {
  const tids = procfs
    .names(`${task.tgid}/task`)
    .filter((name) => /^[1-9]\d*$/.test(name) && Number(name) !== task.pid)
    .map(Number)
    .sort((a, b) => a - b)
  const strayThreads: StrayThread[] = []
  let threadsUnread = Math.max(0, tids.length - MOST_THREADS)
  for (const tid of tids.slice(0, MOST_THREADS)) {
    const answer = compareThread(procfs, task, tid)
    if (answer === 'unread') threadsUnread++
    else if (answer !== 'same' && answer !== 'gone') strayThreads.push(answer)
  }
  return { strayThreads, threadsUnread }
}

type Compared = StrayThread | 'same' | 'gone' | 'unread'

function compareThread(
  procfs: Procfs,
  task: { readonly tgid: number } & TaskLinks,
  tid: number,
): Compared {
  const folder = `${task.tgid}/task/${tid}`
  const first = readTaskLinks(procfs, folder)
  const state = stateOf(first)
  if (state !== 'read') return state
  if (isEmpty(difference(task, first))) return 'same'
  // It strays: now its name is wanted too, and that all of it is of one and the same thread.
  const before = readStat(procfs, folder)
  const links = readTaskLinks(procfs, folder)
  const after = readStat(procfs, folder)
  if (!before || before.startTicks !== after?.startTicks) return 'gone'
  const found = stateOf(links)
  if (found !== 'read') return found
  const differing = difference(task, links)
  if (isEmpty(differing)) return 'same'
  const { startTicks, comm } = after
  return { tid, startTicks, comm: comm.text, lossy: comm.lossy ? ['comm'] : [], ...differing }
}

/** Every task has its link `user`; one on its way out has let go of the others (exit_task_namespaces()). */
function stateOf({ linkErrnos }: TaskLinks): 'read' | 'gone' | 'unread' {
  const errno = linkErrnos.user ?? linkErrnos.mnt
  if (errno === undefined) return 'read'
  return isGone(errno) ? 'gone' : 'unread'
}

function difference(task: TaskLinks, thread: TaskLinks): TaskLinks {
  const names = NS_LINK_NAMES.filter((name) => task.links[name] !== thread.links[name])
  return {
    links: Object.fromEntries(
      names.flatMap((name) => (name in thread.links ? [[name, thread.links[name]]] : [])),
    ),
    linkErrnos: Object.fromEntries(
      names.flatMap((name) => (name in thread.linkErrnos ? [[name, thread.linkErrnos[name]]] : [])),
    ),
  }
}

function isEmpty({ links, linkErrnos }: TaskLinks): boolean {
  return Object.keys(links).length + Object.keys(linkErrnos).length === 0
}

function readStat(procfs: Procfs, folder: string): ProcStat | null {
  const answer = attempt(() => procfs.bytes(`${folder}/stat`), `thread ${folder}`)
  return 'value' in answer ? parseProcStat(answer.value) : null
}
