import type { Checkup } from '../../model/checkup.ts'
import type { PlacedProcess } from '../../model/population.ts'
import type { Namespace, NsRef, Process, Snapshot } from '../../model/snapshot.ts'
import { containerRows } from '../container-row.ts'
import type { ProcRef } from '../rows.ts'
import type { FindingSubject } from './finding.ts'

/** A checkup with what all checks look up in it. */
export interface Scene {
  readonly checkup: Checkup
  readonly snapshot: Snapshot
  /** Those that are not of the boot. */
  readonly made: readonly Namespace[]
  /** In it are processes that are more than what is left of them. */
  readonly isAlive: (pid: number) => boolean
  readonly placed: ReadonlyMap<number, PlacedProcess>
  /** `dockerd (812)`. */
  readonly who: (pid: number | null) => string
  readonly subject: (about: About) => FindingSubject
}

interface About {
  readonly ns?: Namespace
  readonly pid?: number | null
  readonly tid?: number | null
  readonly path?: string | null
  readonly detail?: string
  /** It matters how old it is. */
  readonly aged?: boolean
}

export function sceneOf(checkup: Checkup): Scene {
  const { population, mountedSince, startedAt } = checkup
  const { snapshot, initial } = population
  const placed = new Map(population.placed.map((process) => [process.pid, process]))
  const closely = new Map(snapshot.processes.map((process) => [process.pid, process]))
  const boot = new Set(initial)
  const whole = new Set<number>()
  for (const { type, members } of snapshot.namespaces) {
    if (type !== 'pid' && type !== 'user') for (const pid of members) whole.add(pid)
  }
  const rowOf = containerRows()
  const nameOf = (pid: number): Process | PlacedProcess | undefined =>
    closely.get(pid) ?? placed.get(pid)
  const procRef = (pid: number, tid: number | null): ProcRef | null => {
    const process = nameOf(pid)
    if (!process) return null
    return { pid, tid, startTicks: process.startTicks, comm: process.comm }
  }
  return {
    ...{ checkup, snapshot, placed },
    made: snapshot.namespaces.filter(({ inum }) => !boot.has(inum)),
    isAlive: (pid) => whole.has(pid) && !/[ZX]/.test(placed.get(pid)?.state ?? ''),
    who: (pid) => {
      if (pid === null) return 'a process that has ended'
      const process = nameOf(pid)
      return process ? `${process.comm} (${pid})` : `process ${pid}`
    },
    subject: ({ ns, pid = null, tid = null, path = null, detail, aged = false }) => {
      const container = pid === null ? null : closely.get(pid)?.container
      return {
        namespace: ns ? refOf(ns) : null,
        process: pid === null ? null : procRef(pid, tid),
        container: container ? rowOf(container) : null,
        path,
        ...(aged ? ageOf({ path, pid }, { mountedSince, startedAt }) : AGELESS),
        detail: detail ?? null,
      }
    },
  }
}

function refOf({ type, inum, id }: Namespace): NsRef {
  return { type, inum, id }
}

const AGELESS = { since: null, sinceOf: null } as const

function ageOf(
  { path, pid }: { readonly path: string | null; readonly pid: number | null },
  { mountedSince, startedAt }: Pick<Checkup, 'mountedSince' | 'startedAt'>,
): Pick<FindingSubject, 'since' | 'sinceOf'> {
  const held = path === null ? undefined : mountedSince[path]
  if (held !== undefined) return { since: held, sinceOf: 'held' }
  const started = pid === null ? undefined : startedAt[pid]
  return started === undefined ? AGELESS : { since: started, sinceOf: 'holder' }
}
