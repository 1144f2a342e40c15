import { EXIT, NsxError } from '../errors.ts'

/** Flags that contradict each other. */
const CONFLICTS: readonly (readonly [string, string])[] = [
  ['json', 'output'],
  ['json', 'output-all'],
  ['json', 'raw'],
  ['json', 'boxed'],
  ['raw', 'boxed'],
  ['output', 'output-all'],
  ['task', 'persistent'],
]

/** @throws NsxError (usage) where two flags cannot both be meant. */
export function checkConflicts(flags: Readonly<Record<string, unknown>>): void {
  const given = (name: string): boolean => flags[name] !== undefined && flags[name] !== false
  const [a, b] = CONFLICTS.find(([a, b]) => given(a) && given(b)) ?? []
  if (a === undefined) return
  throw new NsxError(`--${a} and --${b} exclude each other`, {
    code: 'conflicting-flags',
    exitCode: EXIT.usage,
    target: `--${b}`,
    hint: a === 'json' ? `the document has every field: leave out --${b}` : 'leave one of them out',
  })
}
