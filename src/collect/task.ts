import { EXIT, NsxError } from '../errors.ts'
import { errnoName } from '../host/errno-name.ts'
import type { Host } from '../host/port.ts'
import { throwIfOurs } from '../host/system-error.ts'
import { describeErrno, type Errno, isDenied, isGone } from '../kernel/errno.ts'
import { remedyFor } from '../model/remedy.ts'
import { processNamespaces } from './context.ts'
import { hidesProcesses } from './hidden.ts'
import type { TaskNamespaces } from './request.ts'

/**
 * Reads the namespaces of one process or thread. A zombie has only its pid and user namespace left.
 *
 * @throws NsxError when there is no such task, or none of its links can be read.
 */
export function readTask(
  host: Host,
  task: number | 'self',
  reader: { uid: number },
): TaskNamespaces {
  const pid = task === 'self' ? ownPid(host) : task
  const { inums, errnos } = processNamespaces(host, pid)
  const failures = [...errnos.values()].map(errnoName)
  for (const errno of failures) throwIfOurs(errno, `process ${pid}`)
  if (inums.size > 0) return { pid, inums, errnos }
  const errno = failures.find((name) => !isGone(name)) ?? (failures[0] as Errno)
  if (!isGone(errno)) {
    throw new NsxError(`the namespaces of process ${pid} cannot be read: ${describeErrno(errno)}`, {
      code: isDenied(errno) ? 'permission-denied' : 'unreadable',
      exitCode: isDenied(errno) ? EXIT.permission : EXIT.incomplete,
      target: String(pid),
      errno,
      ...(isDenied(errno)
        ? { hint: remedyFor({ uid: reader.uid, userNs: userNamespace(host) ?? null }) }
        : {}),
    })
  }
  throw new NsxError(`there is no process ${pid}`, {
    code: 'no-such-process',
    exitCode: EXIT.noTarget,
    target: String(pid),
    errno,
    hint: hidesProcesses(host, userNamespace(host))
      ? 'or it is hidden: this procfs is mounted with hidepid; root sees all (sudo nsx)'
      : 'nsx list shows one process of every namespace; ps -e shows all processes',
  })
}

function userNamespace(host: Host): number | undefined {
  const pid = host.readerPid
  return pid === null ? undefined : processNamespaces(host, pid).inums.get('user')
}

function ownPid({ readerPid, procfs }: Host): number {
  if (readerPid !== null) return readerPid
  throw new NsxError(`${procfs.root} does not show our own process`, {
    code: 'no-such-process',
    exitCode: EXIT.noTarget,
    target: 'self',
    hint: 'name a process by its number',
  })
}
