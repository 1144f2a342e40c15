import { EXIT, NsxError } from '../errors.ts'
import type { Host } from '../host/port.ts'
import { describeErrno, type Errno, isDenied } from '../kernel/errno.ts'
import { processNamespaces } from './context.ts'
import { hidesProcesses } from './hidden.ts'

/** The pid of a task that a person names. */
export function pidOf(host: Host, task: number | 'self'): number {
  return task === 'self' ? ownPid(host) : task
}

export function noSuchTask(host: Host, pid: number, errno: Errno): NsxError {
  return new NsxError(`there is no process ${pid}`, {
    code: 'no-such-process',
    exitCode: EXIT.noTarget,
    target: String(pid),
    errno,
    hint: hidesProcesses(host, userNamespace(host))
      ? 'or it is hidden: this procfs is mounted with hidepid; root sees all (sudo nsx)'
      : 'nsx list shows one process of every namespace; ps -e shows all processes',
  })
}

/**
 * @param reading what was read of it: `the namespaces of process 12`
 * @param hint of a refusal, what would help against it
 */
export function unreadableTask(
  reading: string,
  { pid, errno, hint }: { pid: number; errno: Errno; hint?: string },
): NsxError {
  return new NsxError(`${reading} cannot be read: ${describeErrno(errno)}`, {
    code: isDenied(errno) ? 'permission-denied' : 'unreadable',
    exitCode: isDenied(errno) ? EXIT.permission : EXIT.incomplete,
    target: String(pid),
    errno,
    ...(isDenied(errno) && hint !== undefined ? { hint } : {}),
  })
}

export function userNamespace(host: Host): number | undefined {
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
