import type { LimitsFacts } from '../model/limits.ts'
import type { LimitsView } from '../query/limits/limits.ts'

/** `nsx limits --json`, docs/schema/limits.schema.json. */
export function limitsDocument({ host, coverage }: LimitsFacts, view: LimitsView): object {
  return { schema: 'nsx.limits/1', command: 'limits', host, coverage, ...view }
}
