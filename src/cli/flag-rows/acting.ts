import type { FlagRow } from './flag-row.ts'

/** What the commands that start another have in common. */
export const ACTING_ROWS = [
  {
    on: ['enter', 'run'],
    name: 'keep-caps',
    kind: 'boolean',
    helpGroup: 'Identity',
    description: 'keep the capabilities of the user namespace when the program starts (ambient)',
  },
  {
    on: ['enter', 'run'],
    name: 'pty',
    kind: 'boolean',
    negatable: true,
    helpGroup: 'Processes',
    description:
      'a terminal of its own for the command, or none; enter makes one where ours could be misused',
  },
  {
    on: ['enter', 'run'],
    name: 'preserve-fds',
    kind: 'value',
    placeholder: 'N',
    helpGroup: 'Processes',
    description: 'descriptors 3 to 2+N are passed on; without it none beyond 2',
  },
  {
    on: ['enter', 'run'],
    name: 'status-fd',
    kind: 'value',
    placeholder: 'N',
    helpGroup: 'Processes',
    description: 'write the pid and the end of the command there, a line of JSON each',
  },
  {
    on: ['enter', 'run'],
    name: 'dry-run',
    kind: 'boolean',
    helpGroup: 'Plan',
    description: 'do nothing: tell each step, and whether it would work',
  },
  {
    on: ['enter', 'run'],
    name: 'json',
    char: 'J',
    kind: 'boolean',
    helpGroup: 'Plan',
    description: 'with --dry-run: one JSON document',
  },
] as const satisfies readonly FlagRow[]
