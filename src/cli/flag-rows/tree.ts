import type { FlagRow } from './flag-row.ts'

/** What only `tree` has. */
export const TREE_ROWS = [
  {
    on: ['tree'],
    name: 'by',
    kind: 'value',
    placeholder: 'ORDER',
    helpGroup: 'Output',
    description:
      'owner (default): namespaces below the user namespace that owns them; parent: PID and user namespaces below their parents, with members; process: processes that are elsewhere than their parents',
  },
  {
    on: ['tree'],
    name: 'verbose',
    char: 'v',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'with --by parent: all members, also on a terminal',
  },
] as const satisfies readonly FlagRow[]
