import type { Host } from '../host/port.ts'
import { parseTgid } from '../kernel/proc-status.ts'
import type { BranchTarget } from '../model/branch-target.ts'
import type { Target } from '../model/target.ts'
import { type Containers, resolveTarget } from './resolve-target.ts'
import { readTask } from './task.ts'
import { attempt } from './task-links.ts'

/** @throws NsxError where there is none such, or its namespaces may not be read. */
export async function findBranchTarget(
  host: Host,
  target: Target,
  { containers, uid }: { readonly containers: Containers; readonly uid: number },
): Promise<BranchTarget> {
  const { text } = target
  const found = await resolveTarget(host, target, containers)
  if (found.kind === 'namespace') {
    const { inum, id, type, file } = found
    return { kind: 'namespace', text, inum, id, type, path: file !== null }
  }
  const { pid, inums } = readTask(host, found.pid, { uid })
  const status = attempt(() => host.procfs.bytes(`${pid}/status`), `process ${pid}`)
  const process = 'value' in status ? parseTgid(status.value) : null
  return { kind: 'task', text, pid: process ?? pid, inums: new Set(inums.values()) }
}
