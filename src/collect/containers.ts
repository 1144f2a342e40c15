import type { Host } from '../host/port.ts'
import type { Container } from '../model/container.ts'
import type { Gap } from '../model/snapshot.ts'

export async function collectContainers(
  _host: Host,
  _pids: readonly number[],
): Promise<{ of: ReadonlyMap<number, Container | null>; gaps: readonly Gap[]; partial: boolean }> {
  return { of: new Map(), gaps: [], partial: false }
}
