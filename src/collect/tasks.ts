import { errnoName } from '../host/errno-name.ts'
import type { NsHandle, TaskReference } from '../host/port.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { Context } from './context.ts'
import { addHolder, addUnidentified, type DraftNamespace, namespaceOf } from './draft.ts'
import { addFacts } from './facts.ts'

/**
 * Namespaces that single tasks refer to: a thread that is elsewhere than its process, and what children of a
 * task will be made in (pid_namespaces(7), time_namespaces(7)).
 */
export function addTasks(context: Context, found: readonly TaskReference[]): void {
  const { draft } = context
  const unborn: TaskReference[] = []
  for (const { pid, tid, type, forChildren, inum } of found) {
    if (inum === null) unborn.push({ pid, tid, type, forChildren, inum })
    else addTask(namespaceOf(draft, type, inum), { pid, tid, forChildren })
  }
  if (unborn.length > 0) addUnborn(context, unborn)
}

function addTask(
  ns: DraftNamespace,
  { pid, tid, forChildren }: Pick<TaskReference, 'pid' | 'tid' | 'forChildren'>,
): void {
  if (forChildren) addHolder(ns, 'forChildren', { pid, tid: tid === pid ? null : tid })
  else addHolder(ns, 'thread', { pid, tid })
}

/**
 * A PID namespace in which no process has been made yet: no link shows it, but a pidfd does (Linux 6.11).
 * Where it does not, only that there is one can be told.
 */
function addUnborn(context: Context, unborn: readonly TaskReference[]): void {
  const { host, draft } = context
  const handles = unborn.map(
    ({ tid, type }): NsHandle => ({ kind: 'forChildren', pid: tid, type, inum: null }),
  )
  const answer = host.describe?.(handles, { nsid: false })
  const untold = new Map<NsType, number>()
  for (const [i, task] of unborn.entries()) {
    const inum = answer?.inums[i] ?? 0
    if (inum !== 0) addTask(namespaceOf(draft, task.type, inum), task)
    else if (!answer || errnoName(answer.errnos[i] as number) !== 'ESRCH') {
      untold.set(task.type, (untold.get(task.type) ?? 0) + 1)
    }
  }
  for (const [type, count] of untold) {
    addUnidentified(draft, type, count)
    draft.sources.set('forChildren', 'partial')
  }
  if (answer) addFacts(context, answer.facts)
}
