import type { FlagRow } from './flag-row.ts'

/** What only `diff` has. */
export const DIFF_ROWS = [
  {
    on: ['diff'],
    name: 'quiet',
    char: 'q',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'print nothing: the exit code tells',
  },
] as const satisfies readonly FlagRow[]
