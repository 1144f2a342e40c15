import type { FileText, Host } from '../host/port.ts'
import type { Coverage, Snapshot, SourceState } from '../model/snapshot.ts'
import { type Containers, collectContainers } from './containers.ts'

/**
 * The Snapshot with what the processes that were looked at closely are contained in.
 *
 * @param cgroups of these processes, as far as they have been read.
 * @throws as `collectContainers` does.
 */
export async function addContainers(
  host: Host,
  snapshot: Snapshot,
  cgroups: ReadonlyMap<number, FileText> = new Map(),
): Promise<Snapshot> {
  const pids = snapshot.processes.map(({ pid }) => pid)
  const containers = await collectContainers(host, pids, snapshot.processes, cgroups)
  return withContainers(snapshot, containers)
}

/** The same where it has been told already. */
export function withContainers(snapshot: Snapshot, { of, gaps, partial }: Containers): Snapshot {
  const { processes, coverage } = snapshot
  return {
    ...snapshot,
    processes: processes.map((process) => {
      const container = of.get(process.pid)
      return container === undefined ? process : { ...process, container }
    }),
    coverage: withSource(coverage, gaps, partial || gaps.length > 0 ? 'partial' : 'read'),
  }
}

function withSource(coverage: Coverage, gaps: Coverage['gaps'], state: SourceState): Coverage {
  return {
    ...coverage,
    complete: coverage.complete && state === 'read',
    sources: coverage.sources.map((source) =>
      source.name === 'containers' ? { ...source, state } : source,
    ),
    gaps: [...coverage.gaps, ...gaps],
  }
}
