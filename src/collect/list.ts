import type { FileText, Host } from '../host/port.ts'
import { NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import type { Need } from '../model/need.ts'
import { isSelected, type Selection } from '../model/selection.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { addContainers } from './add-containers.ts'
import { collect, type Reading } from './collect.ts'
import { orExplain, orExplainLater } from './host-failure.ts'
import { planList } from './plan.ts'
import type { Observer } from './request.ts'
import { readTask } from './task.ts'

export interface ListReading extends Reading {
  readonly selection: Omit<Selection, 'ofTask'>
  /** Only the namespaces of this task. */
  readonly task: number | 'self' | null
  readonly needs: ReadonlySet<Need>
  /** Ask every source that finds namespaces or their holders; absent: the usual ones. */
  readonly deep?: boolean
  readonly descriptors: boolean
  readonly sockets: boolean
  readonly cmdlineBytes: number
  readonly observer?: Observer
}

/**
 * Reads what a listing needs and no more.
 *
 * @throws NsxError when there is no such task, or our own resources run out.
 */
export function collectList(
  host: Host,
  reading: ListReading,
): { snapshot: Snapshot; selection: Selection } {
  try {
    return orExplain(host, () => readList(host, reading))
  } finally {
    reading.observer?.end()
  }
}

/**
 * The same, and what its processes are contained in, where that is needed.
 *
 * @throws NsxError as `collectList` does.
 */
export async function collectNamedList(
  host: Host,
  reading: ListReading,
): Promise<{ snapshot: Snapshot; selection: Selection }> {
  try {
    const cgroups = reading.needs.has('container') ? new Map<number, FileText>() : null
    const list = orExplain(host, () => readList(host, reading, cgroups))
    if (!cgroups) return list
    const snapshot = await orExplainLater(host, () => addContainers(host, list.snapshot, cgroups))
    reading.observer?.phase('containers')
    return { ...list, snapshot }
  } finally {
    reading.observer?.end()
  }
}

/** @param cgroups as in CollectRequest; null: they are not read. */
function readList(
  host: Host,
  reading: ListReading,
  cgroups: Map<number, FileText> | null = null,
): { snapshot: Snapshot; selection: Selection } {
  const task = reading.task === null ? null : readTask(host, reading.task, reading)
  const selection: Selection = {
    ...reading.selection,
    ofTask: task && new Set(task.inums.values()),
  }
  const { only, types } = reading.selection
  const needs = new Set(reading.needs)
  if (only && only.ids.size > 0) needs.add('relatives')
  const question = {
    // A namespace that was named is looked for among all types, to tell a wrong type from none.
    types: only ? NS_TYPE_NAMES : NS_TYPE_NAMES.filter((type) => types.has(type)),
    needs,
    ...{ task: task !== null, deep: reading.deep ?? false },
    ...{ descriptors: reading.descriptors, sockets: reading.sockets },
    cmdlineBytes: reading.cmdlineBytes,
  }
  const request = {
    types: question.types,
    ...planList(question),
    wanted: (ns: Parameters<typeof isSelected>[0]) => isSelected(ns, selection),
    ...(task ? { task } : {}),
    ...(cgroups ? { cgroups } : {}),
    ...(reading.observer ? { observer: reading.observer } : {}),
  }
  return { snapshot: collect(host, request, reading), selection }
}
