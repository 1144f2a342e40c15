import { EXIT, NsxError } from '../errors.ts'
import { HOLDER_KINDS } from '../model/snapshot.ts'
import type { Row } from './rows.ts'

export interface Filtered {
  readonly rows: readonly Row[]
  /** Rows on which the expression failed (a field of null, say): they count as not matched. */
  readonly failed: number
}

export type Filter = (rows: readonly Row[]) => Filtered

/** The fields of a row as the expression sees them; `dyn` where a value may be null. */
const FIELDS = {
  type: 'string',
  inum: 'int',
  id: 'dyn',
  leader: 'dyn',
  container: 'dyn',
  owner: 'dyn',
  parent: 'dyn',
  ownerUid: 'dyn',
  nsid: 'dyn',
  holderCounts: Object.fromEntries(HOLDER_KINDS.map((kind) => [kind, 'dyn'])),
  holders: 'list',
  unknown: 'list<string>',
  inferred: 'list<string>',
  atLeast: 'list<string>',
  lossy: 'list<string>',
}

/**
 * Makes a filter of a CEL expression (cel-spec), in which `ns` is a row of the JSON document and
 * integers are 64-bit.
 *
 * @throws NsxError (usage) where the expression does not parse, names what does not exist, or is no
 *   condition; it points at the place.
 */
export async function parseFilter(expression: string): Promise<Filter> {
  const { Environment } = await import('@marcbachmann/cel-js')
  const environment = new Environment().registerVariable({ name: 'ns', schema: FIELDS })
  let matches: (context: { ns: unknown }) => unknown
  try {
    const parsed = environment.parse(expression)
    const checked = parsed.check()
    if (!checked.valid) throw checked.error
    if (checked.type !== 'bool' && checked.type !== 'dyn') {
      throw new Error(`the expression is of type ${checked.type}, not a condition`)
    }
    matches = parsed
  } catch (error) {
    throw wrongExpression(expression, error)
  }
  return (rows) => {
    const matched: Row[] = []
    let failed = 0
    for (const row of rows) {
      const verdict = evaluate(matches, row)
      if (verdict === true) matched.push(row)
      else if (verdict !== false) failed++
    }
    return { rows: matched, failed }
  }
}

function evaluate(matches: (context: { ns: unknown }) => unknown, row: Row): unknown {
  try {
    return matches({ ns: withBigIntegers(row) })
  } catch (error) {
    return error
  }
}

/** CEL's numbers of JavaScript are doubles; its integers are BigInts. */
function withBigIntegers(value: unknown): unknown {
  if (typeof value === 'number') return BigInt(value)
  if (Array.isArray(value)) return value.map(withBigIntegers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, withBigIntegers(v)]))
}

function wrongExpression(expression: string, error: unknown): NsxError {
  // The library's message is one line, a blank one, and the place; the place we draw ourselves.
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  const at = (error as { node?: { pos?: number } }).node?.pos
  const place = at === undefined ? '' : ` at character ${at + 1}: ${pointAt(expression, at)}`
  const fields = `its fields: ${Object.keys(FIELDS).join(', ')}`
  return new NsxError(`the filter is wrong${place} (${message})`, {
    code: 'bad-filter',
    exitCode: EXIT.usage,
    target: expression,
    hint: `ns is the namespace; ${fields}; for example: ns.type == "net" && ns.holderCounts.process > 3`,
  })
}

/** The expression on one line, with a mark before the place. */
function pointAt(expression: string, at: number): string {
  return `${expression.slice(0, at)}-->${expression.slice(at)}`.replace(/\s+/g, ' ')
}
