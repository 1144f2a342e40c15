import { type FlagRow, rowsOf } from './flag-table.ts'

/** The flags that were given: whether they were switched on, or their last value. */
export type Given = ReadonlyMap<string, boolean | string>

/**
 * What a word is that is neither a flag nor its value. `either`: an argument if `--` follows it, and
 * then nobody can tell which was meant.
 */
export type Role = 'argument' | 'command' | 'either'

/** `before`: how many arguments stand in front of it. */
export type RoleOf = (before: number, given: Given) => Role

/** Of the commands that start another; undefined: all words are the command's own. */
export function roleOf(command: string | undefined): RoleOf | undefined {
  return command === 'run' ? () => 'command' : command === 'enter' ? enterRole : undefined
}

/**
 * The first word is the target, the second begins the command. There is no target to come where
 * --target was given, and none is needed where namespaces are named (`--net=NS`) and nothing that was
 * given takes anything from a target.
 */
function enterRole(before: number, given: Given): Role {
  if (before > 0 || given.has('target')) return 'command'
  const rows = rowsOf('enter')
  const isNamed = rows.some(
    ({ name, helpGroup }) => helpGroup === 'Namespaces' && typeof given.get(name) === 'string',
  )
  return isNamed && !rows.some((row) => takesFromTarget(row, given.get(row.name)))
    ? 'either'
    : 'argument'
}

function takesFromTarget({ ofTarget }: FlagRow, value: boolean | string | undefined): boolean {
  if (ofTarget === undefined || value === undefined) return false
  return ofTarget === 'always' || value === (ofTarget === 'bare' ? true : 'follow')
}
