import { string } from '@oclif/core/args'
import { type Answer, BaseCommand } from '../cli/base-command.ts'
import { COMPLETIONS, type CompletedCommand } from '../cli/completion.ts'
import { rowsOf } from '../cli/flag-table.ts'
import { flagsOf } from '../cli/flags.ts'
import { TOPICS } from '../cli/help-topics.ts'
import { usageError } from '../cli/usage.ts'
import { NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import { PROPAGATIONS } from '../model/run-request.ts'
import { LIST_COLUMNS } from '../query/columns.ts'
import { TREE_ORDERS } from '../query/tree/tree-question.ts'

const COLUMNS = LIST_COLUMNS.map(({ name }) => name)
const RANGES = ['auto', 'subids', 'all']

/** What the values of flags can be, by the flag. */
const VALUES = {
  ...{ type: NS_TYPE_NAMES, output: COLUMNS, sort: COLUMNS, propagation: PROPAGATIONS },
  by: TREE_ORDERS,
  ...{ setgroups: ['allow', 'deny'], 'map-users': RANGES, 'map-groups': RANGES },
}

const TARGETED = [
  'caps',
  'diff',
  'enter',
  'gid',
  'limits',
  'matrix',
  'pid',
  'show',
  'tree',
  'uid',
  'why',
]
const STARTING = ['enter', 'run']

export default class Completion extends BaseCommand {
  static override summary = 'print a completion script for a shell'
  static override description =
    'For bash: source <(nsx completion bash). For zsh the same with zsh. ' +
    'For fish: nsx completion fish > ~/.config/fish/completions/nsx.fish'
  static override args = {
    shell: string({ ignoreStdin: true, description: Object.keys(COMPLETIONS).join(', ') }),
  }
  static override flags = flagsOf('completion')
  static override examples = [
    { command: 'source <(nsx completion bash)', description: 'complete in this shell' },
  ]

  async run(): Promise<Answer> {
    const { args } = await this.parse(Completion)
    const shell = Object.entries(COMPLETIONS).find(([name]) => name === args.shell)
    if (!shell) throw unknownShell(args.shell)
    return { text: () => shell[1](this.commands()) }
  }

  private commands(): CompletedCommand[] {
    const names = this.config.commands.map(({ id }) => id)
    const words: Record<string, readonly string[]> = {
      help: [...names, ...TOPICS.map(({ name }) => name)],
      completion: Object.keys(COMPLETIONS),
    }
    return this.config.commands.map(({ id, summary = '' }) => ({
      name: id,
      summary,
      flags: rowsOf(id).filter((row) => !('hidden' in row)),
      words: words[id] ?? [],
      targets: TARGETED.includes(id),
      starts: STARTING.includes(id),
      values: VALUES,
    }))
  }
}

function unknownShell(name: string | undefined): Error {
  const shells = Object.keys(COMPLETIONS)
  const message = name === undefined ? 'no shell is named' : `no completion for ${name}`
  return usageError(`${message}: there is ${shells.join(', ')}`, 'unknown-shell', {
    ...(name === undefined ? {} : { target: name }),
    candidates: shells,
    command: 'completion',
  })
}
