import { errnoName } from '../host/errno-name.ts'
import type { Host } from '../host/port.ts'
import { throwIfOurs } from '../host/system-error.ts'
import { type Errno, isGone } from '../kernel/errno.ts'
import { remedyFor } from '../model/remedy.ts'
import { processNamespaces } from './context.ts'
import { noSuchTask, pidOf, unreadableTask, userNamespace } from './missing-task.ts'
import type { TaskNamespaces } from './request.ts'

/**
 * Reads the namespaces of one process or thread. A zombie has only its pid and user namespace left.
 *
 * @throws NsxError when there is no such task, or none of its links can be read.
 */
export function readTask(
  host: Host,
  task: number | 'self',
  { uid }: { uid: number },
): TaskNamespaces {
  const pid = pidOf(host, task)
  const { inums, errnos } = processNamespaces(host, pid)
  const failures = [...errnos.values()].map(errnoName)
  for (const errno of failures) throwIfOurs(errno, `process ${pid}`)
  if (inums.size > 0) return { pid, inums, errnos }
  const errno = failures.find((name) => !isGone(name)) ?? (failures[0] as Errno)
  if (isGone(errno)) throw noSuchTask(host, pid, errno)
  const hint = remedyFor({ uid, userNs: userNamespace(host) ?? null })
  throw unreadableTask(`the namespaces of process ${pid}`, { pid, errno, hint })
}
