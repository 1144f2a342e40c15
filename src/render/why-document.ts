import type { WhyInspection } from '../model/why-inspection.ts'
import type { WhyView } from '../query/why.ts'

/** `nsx why NS --json`, docs/schema/why.schema.json. */
export function whyDocument({ snapshot }: WhyInspection, view: WhyView): object {
  const { host, coverage } = snapshot
  return { schema: 'nsx.why/1', command: 'why', host, coverage, ...view }
}
