import type { Inspection } from '../model/inspection.ts'
import type { SubjectCredentials } from '../model/subject.ts'
import { type ContainerRow, containerRows } from './container-row.ts'
import { lossyPaths } from './lossy.ts'
import type { ProcRef } from './rows.ts'

/** One task as documents and screens show it. */
export interface SubjectRow extends ProcRef {
  readonly ppid: number | null
  /** One letter (proc_pid_stat(5)). */
  readonly state: string
  readonly kernelThread: boolean
  readonly threadCount: number
  /** Threads of which the namespaces could not be read. */
  readonly threadsUnread: number
  readonly command: string
  readonly args: readonly string[]
  readonly user: string | null
  readonly credentials: SubjectCredentials | null
  /** Its pid in each PID namespace, from the reader's to its own. */
  readonly nsPids: readonly number[]
  /** Null: it is in none, or `unknown` names it. */
  readonly container: ContainerRow | null
  /** Fields that are null, or empty, because they could not be read. */
  readonly unknown: readonly string[]
  readonly lossy: readonly string[]
}

export function subjectRow({
  subject,
  user,
  container,
}: Pick<Inspection, 'subject' | 'user' | 'container'>): SubjectRow {
  const { args, comm, credentials, nsPids } = subject
  return {
    pid: subject.tgid,
    tid: subject.pid === subject.tgid ? null : subject.pid,
    ...{ startTicks: subject.startTicks, comm, ppid: subject.ppid, state: subject.state },
    ...{ kernelThread: subject.kernelThread, threadCount: subject.threads },
    threadsUnread: subject.threadsUnread,
    command: args && args.length > 0 ? args.join(' ').trimEnd() : comm,
    args: args ?? [],
    ...{ user, credentials, nsPids },
    container: container ? containerRows()(container) : null,
    unknown: [
      ...(credentials === null ? ['credentials'] : []),
      ...(args === null ? ['args'] : []),
      ...(nsPids.length === 0 ? ['nsPids'] : []),
      ...(container === undefined ? ['container'] : []),
    ],
    lossy: [...subject.lossy, ...lossyPaths(container?.name, 'container.name')],
  }
}
