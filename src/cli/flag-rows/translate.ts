import type { FlagRow } from './flag-row.ts'

/** What the commands that translate numbers have in common. */
export const TRANSLATE_ROWS = [
  {
    on: ['pid', 'uid', 'gid'],
    name: 'in',
    kind: 'value',
    placeholder: 'TARGET',
    helpGroup: 'Selection',
    description: 'say what TARGET calls it: a container, a process or a namespace',
  },
  {
    on: ['pid', 'uid', 'gid'],
    name: 'quiet',
    char: 'q',
    kind: 'boolean',
    helpGroup: 'Output',
    description: 'print nothing but the numbers, one a line; fail where there is none',
  },
] as const satisfies readonly FlagRow[]
