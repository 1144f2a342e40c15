import type { FlagRow } from './flag-row.ts'

/** What only `doctor` has. */
export const DOCTOR_ROWS = [
  {
    on: ['doctor'],
    name: 'verbose',
    char: 'v',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'all that a finding is about, also on a terminal',
  },
] as const satisfies readonly FlagRow[]
