import { inspectNamespace } from '../../src/collect/inspect-namespace.ts'
import { inspectPair, type PairTarget } from '../../src/collect/inspect-pair.ts'
import { inspectTask } from '../../src/collect/inspect-task.ts'
import type { FoundTask, InspectRequest } from '../../src/collect/inspecting.ts'
import type { Host } from '../../src/host/port.ts'
import { Procfs } from '../../src/host/procfs.ts'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import { parseProcStat } from '../../src/kernel/proc-stat.ts'
import type {
  NamespaceInspection,
  PairInspection,
  TaskInspection,
} from '../../src/model/inspection.ts'
import { consequencesOf } from '../../src/query/consequences.ts'
import { type DiffView, diffView } from '../../src/query/diff.ts'
import { type ShowView, showView } from '../../src/query/show.ts'
import { type NamespaceView, namespaceView } from '../../src/query/show-namespace.ts'
import { NOW } from './ask.ts'
import type { FixtureHost } from './fixture-host.ts'

/** A pid, or a namespace as it is written: `net:[4026531833]`. */
export type Named = number | `${NsType}:[${number}]`

function requestOf(host: FixtureHost, types: readonly NsType[]): InspectRequest {
  return { contents: types, uid: host.procfs.uid, now: NOW }
}

/** `nsx show PID` of a machine. */
export async function showOf(
  host: FixtureHost,
  pid: number,
  types: readonly NsType[] = NS_TYPE_NAMES,
): Promise<{ inspection: TaskInspection; view: ShowView }> {
  const inspection = await inspectTask(host, foundTask(host, pid), requestOf(host, types))
  return { inspection, view: showView(inspection) }
}

/** `nsx show NS`. */
export async function namespaceOf(
  host: FixtureHost,
  named: Exclude<Named, number>,
  types: readonly NsType[] = NS_TYPE_NAMES,
): Promise<{ inspection: NamespaceInspection; view: NamespaceView }> {
  const target = { ...parseNamed(named), text: named }
  const inspection = await inspectNamespace(host, target, requestOf(host, types))
  return { inspection, view: namespaceView(inspection) }
}

/** `nsx diff A B`. */
export async function diffOf(
  host: FixtureHost,
  [a, b]: readonly [Named, Named],
  types: readonly NsType[] = NS_TYPE_NAMES,
): Promise<{ inspection: PairInspection; view: DiffView }> {
  const targets = [targetOf(host, a), targetOf(host, b)] as const
  const inspection = await inspectPair(host, targets, requestOf(host, types))
  const consequences = inspection.pair ? consequencesOf(inspection.pair) : []
  return { inspection, view: diffView(inspection, { a: String(a), b: String(b) }, consequences) }
}

function targetOf(host: Host, named: Named): PairTarget {
  return typeof named === 'number'
    ? { kind: 'task', text: String(named), ...foundTask(host, named) }
    : { kind: 'namespace', text: named, ...parseNamed(named) }
}

function parseNamed(named: string): { inum: number; id: null; file: null; type: NsType } {
  const [, type, inum] = /^([a-z]+):\[(\d+)\]$/.exec(named) ?? []
  return { inum: Number(inum), id: null, file: null, type: type as NsType }
}

/** Read past the machine's faults: a command has found it before it looks closely. */
function foundTask({ procfs }: Host, pid: number): FoundTask {
  const sound = new Procfs(procfs.root)
  const stat = sound.exists(String(pid)) ? parseProcStat(sound.bytes(`${pid}/stat`)) : null
  return { pid, startTicks: stat?.startTicks ?? '0' }
}
