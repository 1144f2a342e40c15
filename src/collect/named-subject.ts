import type { Host } from '../host/port.ts'
import type { Subject } from '../model/subject.ts'
import type { Target } from '../model/target.ts'
import type { ContentsPlace } from './contents.ts'
import { type InspectRequest, readFound } from './inspecting.ts'
import { listContainers } from './list-containers.ts'
import { findNamespace } from './places.ts'
import { type Containers, resolveTarget } from './resolve-target.ts'

/** A task, or a namespace without one that would be meant. `text` is how it was named. */
export type NamedSubject =
  | { readonly text: string; readonly subject: Subject; readonly place: null }
  | { readonly text: string; readonly subject: null; readonly place: ContentsPlace }

/** The containers of a machine for several names: looked for once at the most. */
export function containersOnce(host: Host, pick: Containers['pick']): Containers {
  let listed: ReturnType<Containers['list']> | undefined
  return {
    list: () => {
      listed ??= listContainers(host)
      return listed
    },
    pick,
  }
}

export interface Naming {
  readonly containers: Containers
  readonly request: InspectRequest
}

/**
 * Finds what a person has named, and reads it closely where it is a task.
 *
 * @throws NsxError where there is none such
 */
export async function readNamed(
  host: Host,
  { text, target }: { readonly text: string; readonly target: Target },
  { containers, request }: Naming,
): Promise<NamedSubject> {
  const resolved = await resolveTarget(host, target, containers)
  if (resolved.kind === 'task') return { text, subject: readFound(host, resolved), place: null }
  const found = findNamespace(host, { ...resolved, text }, { ...request, needs: ['leader'] })
  return { text, subject: null, place: found.place }
}
