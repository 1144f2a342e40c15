import type { FlagRow } from './flag-row.ts'

/** What several looking commands have, in front of their own. */
export const SELECTION_ROWS = [
  {
    on: ['list', 'show', 'diff', 'caps', 'tree', 'matrix', 'limits', 'doctor'],
    name: 'type',
    char: 't',
    kind: 'value',
    multiple: 'list',
    placeholder: 'TYPE',
    helpGroup: 'Selection',
    description:
      'only these types: mnt, net, pid, uts, ipc, user, cgroup, time (commas, repeatable)',
  },
] as const satisfies readonly FlagRow[]

/** What several commands have, behind their own. */
export const COMMON_ROWS = [
  {
    on: [
      'list',
      'show',
      'diff',
      'pid',
      'uid',
      'gid',
      'caps',
      'tree',
      'matrix',
      'limits',
      'why',
      'doctor',
    ],
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
