import { EXIT, NsxError } from '../errors.ts'
import { errnoName } from '../host/errno-name.ts'
import type { Host } from '../host/port.ts'
import { describeErrno, isDenied, isGone } from '../kernel/errno.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import { remedyFor } from '../model/remedy.ts'
import type { Target } from '../model/target.ts'
import { userNamespace } from './missing-task.ts'
import type { NamedNamespace } from './places.ts'
import { type Containers, resolveTarget } from './resolve-target.ts'
import { readTask } from './task.ts'

export interface NamingNamespace {
  readonly containers: Containers
  /** Of a task: which of its namespaces. */
  readonly type: NsType | null
  readonly uid: number
}

/**
 * The namespace that a target names: itself, or that of the task of this type.
 *
 * @throws NsxError where there is none such, or its link may not be read.
 */
export async function nameNamespace(
  host: Host,
  target: Target,
  { containers, type, uid }: NamingNamespace,
): Promise<NamedNamespace & { readonly text: string }> {
  const { text } = target
  const found = await resolveTarget(host, target, containers)
  if (found.kind === 'namespace') {
    return { text, inum: found.inum, id: found.id, type: found.type, file: found.file }
  }
  if (type === null) throw new Error(`no type of a namespace of ${text}`)
  const { pid, inums, errnos } = readTask(host, found.pid, { uid })
  const inum = inums.get(type)
  if (inum !== undefined) return { text, inum, id: null, type, file: null }
  const errno = errnoName(errnos.get(type) ?? 0)
  throw new NsxError(
    isGone(errno)
      ? `process ${pid} has no ${type} namespace any more`
      : `the ${type} namespace of process ${pid} cannot be read: ${describeErrno(errno)}`,
    {
      ...{ code: isGone(errno) ? 'no-such-namespace' : 'permission-denied', target: text, errno },
      exitCode: isDenied(errno) ? EXIT.permission : EXIT.noTarget,
      hint: isGone(errno)
        ? 'it has ended: only its user and PID namespace are left'
        : remedyFor({ uid, userNs: userNamespace(host) ?? null }),
    },
  )
}
