import { containerLabel } from '../model/container-label.ts'
import type { KnownNamespace, Membership, TaskInspection } from '../model/inspection.ts'

/** With whom: all of the machine, the processes of one container, nobody, some others. */
export type Sharing = 'initial' | 'container' | 'own' | 'others'

export interface SharedFields {
  /** Null: `unknown` names it. */
  readonly sharing: Sharing | null
  /** Where others are in it, the containers that its members are in, by their labels. */
  readonly sharedWith: readonly string[]
  /** Where others are in it: some of its members are in no container. Null: nobody else is, or `unknown` names it. */
  readonly sharedOutside: boolean | null
}

interface SharingTold {
  readonly fields: SharedFields
  /** Which of them. */
  readonly unknown: readonly string[]
}

/** With whom a task shares one of its namespaces, as far as that can be told. */
export function sharingOf(
  ns: KnownNamespace,
  membership: Membership | undefined,
  { subject, containers }: TaskInspection,
): SharingTold {
  const told = (sharing: Sharing | null): SharingTold => ({
    fields: { sharing, sharedWith: [], sharedOutside: null },
    unknown: sharing === null ? ['sharing'] : [],
  })
  if (ns.initial) return told('initial')
  if (!membership) return told(null)
  const { pids, atLeast } = membership
  // Not even itself: whoever is in it could not be read.
  if (pids.length === 0) return told(null)
  const alone = pids.every((pid) => pid === subject.tgid)
  // Where some processes could not be read, nobody knows that these are all.
  if (alone) return told(atLeast ? null : 'own')
  const found = pids.map((pid) => containers[pid])
  const labels = found.flatMap((container) => (container ? containerLabel(container) : []))
  const sharedWith = [...new Set(labels)].sort()
  // Of some it was not asked, or could not be told, what they are in.
  const untold = found.includes(undefined)
  const sharedOutside = found.includes(null) ? true : untold ? null : false
  const one = sharedWith.length === 1 && sharedOutside === false && !atLeast
  return {
    fields: { sharing: one ? 'container' : 'others', sharedWith, sharedOutside },
    unknown: [
      ...(untold ? ['sharedWith'] : []),
      ...(sharedOutside === null ? ['sharedOutside'] : []),
    ],
  }
}
