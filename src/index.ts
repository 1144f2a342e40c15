/** The library: read a machine, ask it, show it, act on it. */
export { type SpawnOptions, spawnPlan } from './act/spawn-plan.ts'
export type { Outcome } from './act/status.ts'
export { collect, type Reading } from './collect/collect.ts'
export { type Containers, collectContainers } from './collect/containers.ts'
export { collectList, collectNamedList, type ListReading } from './collect/list.ts'
export { EXIT, NsxError, type NsxErrorDetails } from './errors.ts'
export { type OpenedHost, openHost } from './host/open.ts'
export type { Host } from './host/port.ts'
export { NAMESPACE_TYPES, type NsType } from './kernel/namespace-types.ts'
export { type EnterOptions, enter } from './library/enter.ts'
export type { Container, Evidence, Pod } from './model/container.ts'
export { containerLabel } from './model/container-label.ts'
export type { ExecPlan, ExecStep, Operation } from './model/exec-plan.ts'
export { NEEDS, type Need } from './model/need.ts'
export type { Selection } from './model/selection.ts'
export type {
  Coverage,
  Gap,
  HostInfo,
  Namespace,
  NsRef,
  Process,
  Snapshot,
} from './model/snapshot.ts'
export { type Row, rowsOf } from './query/rows.ts'
export { listDocument } from './render/list-document.ts'
