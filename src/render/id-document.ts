import type { IdFacts } from '../model/id-facts.ts'
import type { IdView } from '../query/translate-id.ts'

/** `nsx uid … --json` and `nsx gid … --json`, docs/schema/id.schema.json. */
export function idDocument({ host, coverage }: IdFacts, view: IdView): object {
  const { kind, ...rest } = view
  return { schema: 'nsx.id/1', command: kind, host, coverage, ...rest }
}
