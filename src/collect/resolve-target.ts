import { EXIT, NsxError } from '../errors.ts'
import type { Host } from '../host/port.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { ContainerCandidate, ContainerTarget, NsTarget, Target } from '../model/target.ts'
import { orExplain } from './host-failure.ts'
import { findInner } from './inner-pid.ts'
import { noSuchTask, pidOf } from './missing-task.ts'
import { type NamespaceFile, readNamespaceFile } from './named.ts'
import { readKin, topmost } from './topmost.ts'

/** What a target has turned out to be. */
export type Resolved =
  | {
      readonly kind: 'task'
      readonly pid: number
      /** Whoever reads the task later compares it: the pid may be another's by then. */
      readonly startTicks: string
      /** By which container the task was found; null: it was named itself. */
      readonly container: ContainerCandidate | null
    }
  | {
      readonly kind: 'namespace'
      /** Null: only its id was named. */
      readonly inum: number | null
      readonly id: string | null
      /** Null: it was named by a number alone, which a Snapshot tells the type of. */
      readonly type: NsType | null
      /** It was named by a path. */
      readonly file: NamespaceFile | null
    }

export interface Containers {
  /** All containers with processes; asked only where a name needs it. */
  list(): Promise<readonly ContainerCandidate[]>
  /** The one that a target names, or an NsxError (query/match-container.ts). */
  pick(target: ContainerTarget, among: readonly ContainerCandidate[]): ContainerCandidate
}

/**
 * Finds the task or the namespace that a target names: of a container its topmost process, of a unit the
 * same (its main process), of `7@web` the process that is pid 7 in web's PID namespace.
 *
 * @throws NsxError where there is none such, or it cannot be told.
 */
export async function resolveTarget(
  host: Host,
  target: Target,
  containers: Containers,
): Promise<Resolved> {
  switch (target.kind) {
    case 'process':
      return taskOf(host, pidOf(host, target.pid), null)
    case 'container': {
      const candidate = containers.pick(target, await containers.list())
      return taskOf(host, leaderOf(host, target, candidate), candidate)
    }
    case 'inner': {
      const candidate = containers.pick(target.container, await containers.list())
      const leader = leaderOf(host, target.container, candidate)
      const pid = orExplain(host, () => findInner(host, { target, candidate, leader }))
      return taskOf(host, pid, candidate)
    }
    default:
      return namespaceOf(host, target)
  }
}

/** The process of a target that is one, or that has one; whether it is there is told by whoever reads it. */
export async function resolveTask(
  host: Host,
  target: Exclude<Target, NsTarget>,
  containers: Containers,
): Promise<number | 'self'> {
  if (target.kind === 'process') return target.pid
  const resolved = await resolveTarget(host, target, containers)
  if (resolved.kind !== 'task') throw new Error(`${target.text} has become a namespace`)
  return resolved.pid
}

function namespaceOf(host: Host, target: NsTarget): Resolved {
  const bare = { kind: 'namespace', inum: null, id: null, type: null, file: null } as const
  if (target.kind === 'id') return { ...bare, id: target.id }
  if (target.kind === 'inum') return { ...bare, inum: target.inum, type: target.type }
  const facts = readNamespaceFile(host, target.path)
  const { inum, id, type } = facts
  return { kind: 'namespace', inum, id, type, file: { path: target.path, facts } }
}

function taskOf(host: Host, pid: number, container: ContainerCandidate | null): Resolved {
  const [kin] = readKin(host, [pid])
  if (!kin) throw noSuchTask(host, pid, 'ENOENT')
  return { kind: 'task', pid, startTicks: kin.startTicks, container }
}

function leaderOf(host: Host, { text }: ContainerTarget, { pids }: ContainerCandidate): number {
  const leader = topmost(readKin(host, pids))
  if (leader) return leader.pid
  throw new NsxError(`the container '${text}' has no process any more`, {
    code: 'no-such-container',
    exitCode: EXIT.noTarget,
    target: text,
    hint: 'it has stopped, or is about to',
  })
}
