import type { NsType } from '../kernel/namespace-types.ts'
import type { Namespace } from './snapshot.ts'

/** Which namespaces a question is about. */
export interface Selection {
  readonly types: ReadonlySet<NsType>
  /** Null: all; else those with one of these inodes or ids. */
  readonly only: { readonly inums: ReadonlySet<number>; readonly ids: ReadonlySet<string> } | null
  /** Only those that the task is in; null: no task is named. */
  readonly ofTask: ReadonlySet<number> | null
  /** Only those without member processes. */
  readonly persistent: boolean
}

export function isSelected(
  ns: Pick<Namespace, 'type' | 'inum' | 'id' | 'members'>,
  { types, only, ofTask, persistent }: Selection,
): boolean {
  const named = only === null || only.inums.has(ns.inum) || (ns.id !== null && only.ids.has(ns.id))
  return (
    types.has(ns.type) &&
    named &&
    (ofTask === null || ofTask.has(ns.inum)) &&
    (!persistent || ns.members.length === 0)
  )
}
