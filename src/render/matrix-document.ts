import type { Snapshot } from '../model/snapshot.ts'
import type { Matrix } from '../query/matrix/matrix.ts'

/** `nsx matrix --json`, docs/schema/matrix.schema.json. */
export function matrixDocument(
  { host, coverage }: Snapshot,
  { rows }: Matrix,
  targets: readonly string[],
): object {
  return { schema: 'nsx.matrix/1', command: 'matrix', host, coverage, targets, rows }
}
