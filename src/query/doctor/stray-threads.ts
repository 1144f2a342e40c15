import { NS_TYPE_NAMES, type NsType } from '../../kernel/namespace-types.ts'
import { countOf } from '../why/words.ts'
import type { FindingSubject, Observation } from './finding.ts'
import type { Scene } from './scene.ts'

/**
 * Threads in another namespace than their process: a program that joins namespaces on threads which its
 * runtime uses for something else afterwards (Go without runtime.LockOSThread).
 */
export function checkStrayThreads(scene: Scene): Observation[] {
  const { snapshot, who, subject, placed } = scene
  return snapshot.namespaces.flatMap((ns) =>
    ns.holders.flatMap(({ kind, pid, tid }): Observation[] => {
      if (kind !== 'thread' || pid === null) return []
      // Behind a leader that has exited there is nobody to stray from.
      if (/[ZX]/.test(placed.get(pid)?.state ?? '')) return []
      return [
        {
          ...{ code: 'stray-threads', severity: 'warning', group: String(pid), type: ns.type },
          subject: subject({ ns, pid, tid, detail: `thread ${tid ?? '?'} of ${who(pid)}` }),
          say: (subjects) => ({
            text: `${threadsOf(subjects)} of ${who(pid)} ${countThreads(subjects) === 1 ? 'is' : 'are'} in other namespaces (${typesOf(subjects)}) than the process`,
            remedy:
              'a program has to keep a thread that joins namespaces to itself and end it afterwards ' +
              `(Go: runtime.LockOSThread without unlocking); ending ${who(pid)} ends them`,
          }),
        },
      ]
    }),
  )
}

function countThreads(subjects: readonly FindingSubject[]): number {
  return new Set(subjects.map(({ process }) => process?.tid)).size
}

function threadsOf(subjects: readonly FindingSubject[]): string {
  return countOf(countThreads(subjects), ['thread', 'threads'])
}

function typesOf(subjects: readonly FindingSubject[]): string {
  const types = new Set<NsType | undefined>(subjects.map(({ namespace }) => namespace?.type))
  return NS_TYPE_NAMES.filter((type) => types.has(type)).join(', ')
}
