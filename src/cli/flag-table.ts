import { ACTING_ROWS } from './flag-rows/acting.ts'
import { COMMON_ROWS, SELECTION_ROWS } from './flag-rows/common.ts'
import { DIFF_ROWS } from './flag-rows/diff.ts'
import { DOCTOR_ROWS } from './flag-rows/doctor.ts'
import { ENTER_ROWS } from './flag-rows/enter.ts'
import type { FlagRow } from './flag-rows/flag-row.ts'
import { LIST_ROWS } from './flag-rows/list.ts'
import { MATRIX_ROWS } from './flag-rows/matrix.ts'
import { RUN_ROWS } from './flag-rows/run.ts'
import { SHOW_ROWS } from './flag-rows/show.ts'
import { TRANSLATE_ROWS } from './flag-rows/translate.ts'
import { TREE_ROWS } from './flag-rows/tree.ts'
import { WHY_ROWS } from './flag-rows/why.ts'

export type { FlagRow }

/**
 * Every flag of every command, one row each. oclif's flags, the reading of the command line, the
 * help pages and the guesses at misspelt flags derive from it.
 */
export const FLAG_ROWS = [
  ...SELECTION_ROWS,
  ...LIST_ROWS,
  ...SHOW_ROWS,
  ...DIFF_ROWS,
  ...TREE_ROWS,
  ...MATRIX_ROWS,
  ...WHY_ROWS,
  ...DOCTOR_ROWS,
  ...ENTER_ROWS,
  ...RUN_ROWS,
  ...TRANSLATE_ROWS,
  ...ACTING_ROWS,
  ...COMMON_ROWS,
] as const satisfies readonly FlagRow[]

/** Commands that do not only look at a machine: what the looking ones share has no meaning there. */
const NOT_LOOKING = ['completion', 'enter', 'help', 'run'] as const

type Row = (typeof FLAG_ROWS)[number]
type ScopeOf<Command extends string> = Command extends (typeof NOT_LOOKING)[number]
  ? 'global' | Command
  : 'global' | 'looking' | Command
type RowOn<Command extends string> = Row extends infer R
  ? R extends Row
    ? Extract<R['on'][number], ScopeOf<Command>> extends never
      ? never
      : R
    : never
  : never
type ValueOf<R> = R extends { kind: 'value'; multiple: string }
  ? string[] | undefined
  : R extends { kind: 'value' }
    ? string | undefined
    : R extends { negatable: true }
      ? boolean | undefined
      : boolean

/** What a command finds in its parsed flags; the value of an optional-value flag X in `X-from`. */
export type FlagValues<Command extends string> = {
  [R in RowOn<Command> as R['name']]: ValueOf<R>
} & {
  [R in Extract<RowOn<Command>, { kind: 'optional-value' }> as `${R['name']}-from`]:
    | string
    | undefined
}

/** The rows of a command; without a name those that any looking command has. */
export function rowsOf(command?: string): readonly FlagRow[] {
  const looking = !NOT_LOOKING.some((name) => name === command)
  return FLAG_ROWS.filter(({ on }: FlagRow) =>
    on.some((scope) => scope === 'global' || (scope === 'looking' && looking) || scope === command),
  )
}
