import type { Snapshot } from '../model/snapshot.ts'
import type { ListColumn } from '../query/columns.ts'
import type { Row } from '../query/rows.ts'

/** `nsx list --json`, docs/schema/list.schema.json. */
export function listDocument({ host, coverage }: Snapshot, rows: readonly Row[]): object {
  return { schema: 'nsx.list/1', command: 'list', host, coverage, namespaces: rows }
}

/** `nsx list --list-columns --json`, docs/schema/columns.schema.json. */
export function columnsDocument(columns: readonly ListColumn[]): object {
  return {
    schema: 'nsx.columns/1',
    command: 'list',
    columns: columns.map(({ name, description }) => ({ name, description })),
  }
}
