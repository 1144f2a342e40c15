import type { FlagRow } from './flag-row.ts'

/** What only `matrix` has. */
export const MATRIX_ROWS = [
  {
    on: ['matrix'],
    name: 'verbose',
    char: 'v',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'also mark what is usual: a container in the initial user namespace',
  },
] as const satisfies readonly FlagRow[]
