import type { FlagRow } from './flag-row.ts'

/** What only `why` has. */
export const WHY_ROWS = [
  {
    on: ['why'],
    name: 'type',
    char: 't',
    kind: 'value',
    placeholder: 'TYPE',
    helpGroup: 'Selection',
    description: 'of a process or container: its namespace of this type (nsx help namespaces)',
  },
  {
    on: ['why'],
    name: 'verbose',
    char: 'v',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'all holders, also on a terminal',
  },
] as const satisfies readonly FlagRow[]
