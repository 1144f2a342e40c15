import type { FlagRow } from './flag-row.ts'

/** What only `show` has. */
export const SHOW_ROWS = [
  {
    on: ['show'],
    name: 'verbose',
    char: 'v',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'also by what evidence a container was named, and all that is inside',
  },
] as const satisfies readonly FlagRow[]
