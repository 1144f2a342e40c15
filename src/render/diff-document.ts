import type { PairInspection } from '../model/inspection.ts'
import type { DiffView } from '../query/diff.ts'

/** `nsx diff --json`, docs/schema/diff.schema.json. */
export function diffDocument({ host, coverage }: PairInspection, view: DiffView): object {
  return { schema: 'nsx.diff/1', command: 'diff', host, coverage, ...view }
}
