import type { Host } from '../host/port.ts'
import type { HostInfo } from '../model/snapshot.ts'
import { collectHostInfo } from './host-info.ts'
import { inspecting } from './inspecting.ts'

/** The machine and the reader, for a document in which nothing else is told of them. */
export function collectPlanHost(host: Host, who: { uid: number; now: Date }): HostInfo {
  return collectHostInfo(inspecting(host, { ...who, contents: [] }), who)
}
