import { isDenied, isGone } from '../kernel/errno.ts'
import { type NsType, nsTypeRow } from '../kernel/namespace-types.ts'
import { errnoName } from './errno-name.ts'
import type { DeepScan, TaskReference } from './port.ts'
import type { Procfs } from './procfs.ts'
import { readNsLink } from './read-ns-link.ts'
import { errnoOf, throwIfOurs } from './system-error.ts'

export interface TaskScanRequest {
  readonly pids: Int32Array
  readonly types: readonly NsType[]
  /** What the links of the processes name, pids.length × types.length; 0: it could not be read. */
  readonly inums: Uint32Array
  readonly threads: boolean
  readonly forChildren: boolean
}

/** Types that a task can have for its children alone (namespaces(7)). */
const WITH_CHILDREN: readonly NsType[] = ['pid', 'time']

/** The links of tasks that name other namespaces than those their process is in. */
export function scanTasks(
  procfs: Procfs,
  request: TaskScanRequest,
): Pick<DeepScan, 'tasks' | 'threadErrnos' | 'forChildrenErrnos'> {
  const threadErrnos = new Uint8Array(request.pids.length)
  const forChildrenErrnos = new Uint8Array(request.pids.length)
  const tasks: TaskReference[] = []
  for (const [i, pid] of request.pids.entries()) {
    const own = new Map<NsType, number>()
    for (const [j, type] of request.types.entries()) {
      const inum = request.inums[i * request.types.length + j] as number
      if (inum !== 0) own.set(type, inum)
    }
    const process = { procfs, request, pid, own, tasks, forChildren: new Map<NsType, number>() }
    const leader = addForChildren(process, { tid: pid, folder: String(pid), own })
    forChildrenErrnos[i] = leader.errno
    for (const [type, inum] of leader.told) process.forChildren.set(type, inum)
    const { threads, forChildren } = addThreads(process)
    threadErrnos[i] = threads
    forChildrenErrnos[i] ||= forChildren
  }
  return { tasks, threadErrnos, forChildrenErrnos }
}

interface Process {
  readonly procfs: Procfs
  readonly request: TaskScanRequest
  readonly pid: number
  /** What its own links name. */
  readonly own: ReadonlyMap<NsType, number>
  readonly forChildren: Map<NsType, number>
  readonly tasks: TaskReference[]
}

interface Task {
  readonly tid: number
  readonly folder: string
  readonly own: ReadonlyMap<NsType, number>
}

function addThreads(process: Process): { threads: number; forChildren: number } {
  const { procfs, pid } = process
  const failed = { threads: 0, forChildren: 0 }
  let names: string[]
  try {
    names = procfs.names(`${pid}/task`)
  } catch (error) {
    return { ...failed, threads: unlessGone(errnoOf(error)) }
  }
  const tids = names.filter((name) => /^[1-9]\d*$/.test(name)).map(Number)
  for (const tid of tids.sort((a, b) => a - b)) {
    if (tid === pid) continue
    const folder = `${pid}/task/${tid}`
    const { own, errno } = addThread(process, tid, folder)
    failed.threads ||= errno
    failed.forChildren ||= addForChildren(process, { tid, folder, own }).errno
  }
  return failed
}

function addThread(
  { procfs, request, pid, own, tasks }: Process,
  tid: number,
  folder: string,
): { own: Map<NsType, number>; errno: number } {
  const thread = new Map(own)
  let errno = 0
  // A thread cannot leave the PID and the user namespace of its process (setns(2), unshare(2)).
  const types = request.types.filter((type) => nsTypeRow(type).heldIn === 'nsproxy')
  for (const type of request.threads ? types : []) {
    const link = readTaskLink(procfs, `${folder}/ns/${type}`, type)
    if ('errno' in link) errno ||= unlessGone(link.errno)
    else if (link.inum !== own.get(type)) {
      thread.set(type, link.inum)
      tasks.push({ pid, tid, type, forChildren: false, inum: link.inum })
    }
  }
  return { own: thread, errno }
}

function addForChildren(
  { procfs, request, pid, forChildren, tasks }: Process,
  { tid, folder, own }: Task,
): { told: Map<NsType, number>; errno: number } {
  const told = new Map<NsType, number>()
  let errno = 0
  const types = WITH_CHILDREN.filter((type) => request.types.includes(type))
  for (const type of request.forChildren ? types : []) {
    const link = readTaskLink(procfs, `${folder}/ns/${type}_for_children`, type)
    const reference = { pid, tid, type, forChildren: true }
    if ('inum' in link) {
      told.set(type, link.inum)
      const known =
        link.inum === own.get(type) || (tid !== pid && link.inum === forChildren.get(type))
      if (!known) tasks.push({ ...reference, inum: link.inum })
    } else if (isUnborn(procfs, folder, { ...link, own: own.get(type) })) {
      tasks.push({ ...reference, inum: null })
    } else errno ||= unlessGone(link.errno)
  }
  return { told, errno }
}

/** The first process that is made in a PID namespace makes it visible. A task on its way out shows nothing. */
function isUnborn(
  procfs: Procfs,
  folder: string,
  { errno, own }: { readonly errno: number; readonly own: number | undefined },
): boolean {
  const missing = errnoName(errno) === 'ENOENT' && own !== undefined
  return missing && 'inum' in readNsLink(procfs, `${folder}/ns/mnt`, 'mnt')
}

/** A task that ends while its link is looked at seems to refuse: asked once more, it is gone. */
function readTaskLink(procfs: Procfs, path: string, type: NsType): ReturnType<typeof readNsLink> {
  const link = readNsLink(procfs, path, type)
  const denied = 'errno' in link && isDenied(errnoName(link.errno))
  return denied ? readNsLink(procfs, path, type) : link
}

function unlessGone(errno: number): number {
  throwIfOurs(errnoName(errno), 'threads')
  return isGone(errnoName(errno)) ? 0 : errno
}
