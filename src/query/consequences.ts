import type { Pair } from '../model/pair.ts'
import { FILES } from './rules/files.ts'
import { IDS } from './rules/ids.ts'
import { RESOURCES } from './rules/resources.ts'
import type { Rule, Told } from './rules/rule.ts'
import { SEE } from './rules/see.ts'
import { SHARED } from './rules/shared.ts'
import { SIGNAL } from './rules/signal.ts'
import { TRACE } from './rules/trace.ts'

export interface Consequence extends Told {
  /** A stable word for scripts, such as `signal`. */
  readonly rule: string
}

/** In the order in which they are told. */
const RULES: readonly Rule[] = [
  ...SEE,
  ...SIGNAL,
  ...TRACE,
  ...SHARED,
  ...FILES,
  ...IDS,
  ...RESOURCES,
]

/**
 * What follows for two tasks from the namespaces and rights that they have: one sentence a rule. Security
 * modules, seccomp filters, hidepid, firewalls and the permissions of single objects may still forbid what a
 * rule allows.
 */
export function consequencesOf(pair: Pair): Consequence[] {
  return RULES.map(({ rule, tell }) => {
    const { holds, text } = tell(pair)
    return { rule, holds, text: `${beginSentence(text, pair)}.` }
  })
}

/** A name stays as it is written. */
function beginSentence(text: string, { a, b }: Pair): string {
  const isName = [a, b].some(({ name }) => text.startsWith(`${name} `))
  return isName ? text : text.charAt(0).toUpperCase() + text.slice(1)
}
