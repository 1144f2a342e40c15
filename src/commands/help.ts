import { string } from '@oclif/core/args'
import { type Answer, BaseCommand } from '../cli/base-command.ts'
import { flagsOf } from '../cli/flags.ts'
import { commandPage, rootPage } from '../cli/help-page.ts'
import { type Page, pageOf } from '../cli/help-text.ts'
import { TOPICS } from '../cli/help-topics.ts'
import { usageError } from '../cli/usage.ts'

export default class Help extends BaseCommand {
  static override summary = 'explain a command or a topic'
  static override args = {
    topic: string({ ignoreStdin: true, description: 'the name of a command or of a topic' }),
  }
  static override flags = flagsOf('help')
  static override examples = [
    { command: 'nsx help list', description: 'all flags of a command' },
    { command: 'nsx help namespaces', description: 'the eight types of namespace' },
    { command: 'nsx help exit-codes', description: 'what the exit codes mean' },
  ]

  async run(): Promise<Answer> {
    const { args } = await this.parse(Help)
    const render = this.renderer(args.topic)
    return { text: async (screen) => render(await pageOf(screen)) }
  }

  private renderer(name: string | undefined): (page: Page) => string {
    const { commands } = this.config
    if (name === undefined) return (page) => rootPage(page, commands)
    const command = commands.find(({ id }) => id === name)
    if (command) return (page) => commandPage(page, command)
    const topic = TOPICS.find((candidate) => candidate.name === name)
    if (topic) return topic.render
    const candidates = [...commands, ...TOPICS.map((row) => ({ id: row.name }))].map(({ id }) => id)
    throw usageError(`no help on ${name}: there is ${candidates.join(', ')}`, 'unknown-topic', {
      target: name,
      candidates,
    })
  }
}
