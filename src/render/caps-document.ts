import type { CapsFacts } from '../model/caps-facts.ts'
import type { CapsView } from '../query/caps.ts'

/** `nsx caps A NS --json`, docs/schema/caps.schema.json. */
export function capsDocument({ host, coverage }: CapsFacts, view: CapsView): object {
  return { schema: 'nsx.caps/1', command: 'caps', host, coverage, ...view }
}
