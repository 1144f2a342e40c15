// Commands that go wrong in every way there is, run by the edge as tsc built it.
import { BaseCommand } from '../../dist/cli/base-command.js'
import { main } from '../../dist/cli/entry.js'
import { flagsOf } from '../../dist/cli/flags.js'
import { NsxError } from '../../dist/errors.js'

const refusal = new NsxError('cannot open net:[1] of 7: permission denied (EACCES)', {
  code: 'permission',
  exitCode: 4,
  hint: 'try root',
  target: '7',
  errno: 'EACCES',
})

const ANSWERS = {
  fine: () => ({
    document: () => ({ schema: 'nsx.fine/1', text: 'fine\u202e' }),
    text: () => 'fine\n',
    notes: () => ['one \x1b gap'],
    exitCode: 5,
  }),
  refused: () => {
    throw refusal
  },
  buggy: () => {
    throw new TypeError('x is not a function')
  },
  late: () => {
    setTimeout(() => {
      throw new TypeError('thrown later')
    }, 1)
    return { text: () => '' }
  },
  big: () => ({ text: () => 'x'.repeat(5_000_000), exitCode: 1 }),
}

const load = Object.fromEntries(
  Object.entries(ANSWERS).map(([id, answer]) => {
    class Fixture extends BaseCommand {
      static flags = flagsOf('list')

      async run() {
        await this.parse(Fixture)
        return answer()
      }
    }
    return [id, async () => ({ default: Fixture })]
  }),
)

const commands = Object.fromEntries(
  Object.keys(load).map((id) => [id, { id, aliases: [], hiddenAliases: [], args: {}, flags: {} }]),
)

await main('/nowhere', process.argv.slice(2), {
  pjson: { name: 'nsx', version: '0.0.0', oclif: { bin: 'nsx' } },
  manifest: { version: '0.0.0', commands },
  load,
})
