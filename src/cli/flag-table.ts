/**
 * Every flag of every command, one row each. oclif's flags, the reading of the command line, the
 * help pages and the guesses at misspelt flags derive from it.
 */
export const FLAG_ROWS = [
  {
    on: ['list', 'show', 'diff'],
    name: 'type',
    char: 't',
    kind: 'value',
    multiple: true,
    placeholder: 'TYPE',
    helpGroup: 'Selection',
    description:
      'only these types: mnt, net, pid, uts, ipc, user, cgroup, time (commas, repeatable)',
  },
  {
    on: ['diff'],
    name: 'quiet',
    char: 'q',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'print nothing: the exit code tells',
  },
  {
    on: ['show'],
    name: 'verbose',
    char: 'v',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'also by what evidence a container was named, and all that is inside',
  },
  {
    on: ['list'],
    name: 'task',
    char: 'p',
    kind: 'value',
    placeholder: 'PID',
    helpGroup: 'Selection',
    description: 'only the namespaces of this process, thread or container (nsx help targets)',
  },
  {
    on: ['list'],
    name: 'persistent',
    char: 'P',
    kind: 'boolean',
    helpGroup: 'Selection',
    description: 'only namespaces without processes, kept alive by something else',
  },
  {
    on: ['list'],
    name: 'filter',
    char: 'Q',
    kind: 'value',
    placeholder: 'EXPR',
    helpGroup: 'Selection',
    description: 'only rows for which a CEL expression over the row `ns` holds',
  },
  {
    on: ['list'],
    name: 'output',
    char: 'o',
    kind: 'value',
    placeholder: 'LIST',
    helpGroup: 'Output',
    description: 'these columns, separated by commas; +COLUMN adds to the usual ones',
  },
  {
    on: ['list'],
    name: 'output-all',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'all columns',
  },
  {
    on: ['list'],
    name: 'list-columns',
    char: 'H',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'list the columns there are',
  },
  {
    on: ['list'],
    name: 'sort',
    kind: 'value',
    placeholder: 'COLUMN',
    helpGroup: 'Output',
    description: 'order the rows by this column',
  },
  {
    on: ['list'],
    name: 'raw',
    char: 'r',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'columns separated by one blank, blanks inside escaped',
  },
  {
    on: ['list'],
    name: 'noheadings',
    char: 'n',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'no header line',
  },
  {
    on: ['list'],
    name: 'notruncate',
    char: 'u',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'do not cut text to the width of the terminal',
  },
  {
    on: ['list'],
    name: 'nowrap',
    char: 'W',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'one line a row: no line breaks inside a cell',
  },
  {
    on: ['list'],
    name: 'boxed',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'draw a box around the table',
  },
  {
    on: ['list'],
    name: 'list',
    char: 'l',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'accepted as in lsns; the listing is always flat',
  },
  {
    on: ['list'],
    name: 'no-sockets',
    kind: 'boolean',
    helpGroup: 'Sources',
    description: 'do not ask sockets for their network namespaces',
  },
  {
    on: ['list'],
    name: 'no-descriptors',
    kind: 'boolean',
    helpGroup: 'Sources',
    description: 'do not look at open files',
  },
  {
    on: ['list', 'show', 'diff'],
    name: 'strict',
    kind: 'boolean',
    helpGroup: 'Sources',
    description: 'exit with 5 if anything could not be read',
  },
  {
    on: ['looking'],
    name: 'procfs',
    kind: 'value',
    placeholder: 'DIR',
    helpGroup: 'Sources',
    description: 'read another procfs than /proc, such as /host/proc in a container',
  },
  {
    on: ['looking'],
    name: 'json',
    char: 'J',
    kind: 'boolean',
    helpGroup: 'Global',
    description: 'print one JSON document; errors too',
  },
  {
    on: ['global'],
    name: 'color',
    kind: 'boolean',
    negatable: true,
    helpGroup: 'Global',
    description: 'colour, or none; by default on a terminal (NO_COLOR and FORCE_COLOR count)',
  },
  {
    on: ['global'],
    name: 'help',
    char: 'h',
    kind: 'boolean',
    helpGroup: 'Global',
    description: 'explain the command',
  },
  {
    on: ['global'],
    name: 'version',
    char: 'V',
    kind: 'boolean',
    helpGroup: 'Global',
    description: 'print the version',
  },
] as const satisfies readonly FlagRow[]

export interface FlagRow {
  /** Names of commands, `looking` (every command that only looks) or `global` (every command). */
  readonly on: readonly string[]
  readonly name: string
  readonly char?: string
  /** `optional-value`: `--X` or `--X=V`; a blank never gives it its value. */
  readonly kind: 'boolean' | 'value' | 'optional-value'
  /** Repeatable, and each value may be a list separated by commas. */
  readonly multiple?: true
  /** A boolean that has a `--no-X`. */
  readonly negatable?: true
  readonly placeholder?: string
  readonly hidden?: true
  readonly helpGroup: string
  readonly description: string
}

/** Commands that do not look at a machine: neither --json nor --procfs has a meaning there. */
const NOT_LOOKING = ['completion', 'help'] as const

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
type ValueOf<R> = R extends { kind: 'value'; multiple: true }
  ? string[] | undefined
  : R extends { kind: 'value' }
    ? string | undefined
    : R extends { negatable: true }
      ? boolean | undefined
      : boolean

/** What a command finds in its parsed flags. */
export type FlagValues<Command extends string> = {
  [R in RowOn<Command> as R['name']]: ValueOf<R>
}

/** The rows of a command; without a name those that any looking command has. */
export function rowsOf(command?: string): readonly FlagRow[] {
  const looking = !NOT_LOOKING.some((name) => name === command)
  return FLAG_ROWS.filter(({ on }: FlagRow) =>
    on.some((scope) => scope === 'global' || (scope === 'looking' && looking) || scope === command),
  )
}
