import type { PidFacts } from '../model/pid-facts.ts'
import type { PidView } from '../query/translate-pid.ts'

/** `nsx pid … --json`, docs/schema/pid.schema.json. */
export function pidDocument({ host, coverage }: PidFacts, view: PidView): object {
  return { schema: 'nsx.pid/1', command: 'pid', host, coverage, ...view }
}
