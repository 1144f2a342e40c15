import type { Snapshot } from '../model/snapshot.ts'
import type { NamespaceTree } from '../query/tree/namespace-tree.ts'
import type { ProcessTree } from '../query/tree/process-tree.ts'

/** `nsx tree --json`, docs/schema/tree.schema.json. */
export function treeDocument(
  { host, coverage }: Snapshot,
  view: NamespaceTree | ProcessTree,
  target: string | null,
): object {
  return { schema: 'nsx.tree/1', command: 'tree', host, coverage, target, ...view }
}
