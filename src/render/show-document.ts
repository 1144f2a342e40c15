import type { NamespaceInspection, TaskInspection } from '../model/inspection.ts'
import type { ShowView } from '../query/show.ts'
import type { NamespaceView } from '../query/show-namespace.ts'

/** `nsx show PID --json`, docs/schema/show.schema.json. */
export function showDocument({ host, coverage }: TaskInspection, view: ShowView): object {
  return { schema: 'nsx.show/1', command: 'show', host, coverage, ...view }
}

/** `nsx show NS --json`, docs/schema/namespace.schema.json. */
export function namespaceDocument({ snapshot }: NamespaceInspection, view: NamespaceView): object {
  const { host, coverage } = snapshot
  return { schema: 'nsx.namespace/1', command: 'show', host, coverage, namespace: view }
}
