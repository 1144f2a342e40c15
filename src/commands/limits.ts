import { string } from '@oclif/core/args'
import { type Answer, BaseCommand } from '../cli/base-command.ts'
import { flagsOf } from '../cli/flags.ts'
import { stderrObserver } from '../cli/observer.ts'
import { collectLimits } from '../collect/limits.ts'
import { containersOnce } from '../collect/named-subject.ts'
import { EXIT } from '../errors.ts'
import { openHost } from '../host/open.ts'
import { limitsView, marksOfLimits } from '../query/limits/limits.ts'
import { bareRun } from '../query/limits/runs.ts'
import { parseTypes } from '../query/list-question.ts'
import { pickContainer } from '../query/match-container.ts'
import { parseTarget } from '../query/parse-target.ts'
import { renderLimits } from '../render/limits.ts'
import { limitsDocument } from '../render/limits-document.ts'
import { coverageNote } from '../render/notes.ts'
import { themeOf } from '../render/theme.ts'

export default class Limits extends BaseCommand {
  static override summary = 'say how many namespaces there may be, and whether run would work'
  static override description =
    'A namespace counts for its creator in the user namespace that owns it, for the owner of that one in ' +
    'its parent, and so on up to the initial one. Each has limits of its own (user.max_*_namespaces), and ' +
    'wherever one is reached, unshare(2) and clone(2) say ENOSPC.\n\n' +
    'The kernel shows no such count: 7+ is what was found, 7~ rests on who has probably created them, or is ' +
    'a limit that only a reader inside could see and that holds until it is changed.\n\n' +
    'Then how deep namespaces may be nested, what else may forbid them, and whether nsx run would work ' +
    'for the caller, or would if TARGET were the caller.'
  static override args = {
    target: string({
      ignoreStdin: true,
      description: 'a pid, self, a container, or a namespace (nsx help targets); default: self',
    }),
  }
  static override flags = flagsOf('limits')
  static override examples = [
    { command: 'nsx limits', description: 'whether nsx run would work here, and why not' },
    { command: 'nsx limits web', description: 'what a container may have still' },
    { command: 'nsx limits -t net,user', description: 'of two types' },
  ]

  async run(): Promise<Answer> {
    const { flags, args } = await this.parse(Limits)
    const types = parseTypes(flags.type ?? [])
    const { target: text } = args
    const target = text === undefined ? null : parseTarget(text)
    const { host, notice } = openHost(this.packageRoot, flags.procfs)
    const by = containersOnce(host, pickContainer)
    const facts = await collectLimits(host, {
      named: text !== undefined && target ? { text, target, by } : null,
      run: bareRun([...types]),
      request: {
        ...{ contents: [], uid: process.geteuid?.() ?? 0, now: new Date() },
        observer: stderrObserver(),
      },
    })
    const view = limitsView(facts, types)
    const note = coverageNote(facts, marksOfLimits(view))
    return {
      document: () => limitsDocument(facts, view),
      text: async (screen) =>
        renderLimits(view, { width: screen.width ?? null, theme: await themeOf(screen) }),
      notes: () => (note === null ? [] : [note]),
      warnings: notice === null ? [] : [notice],
      exitCode: flags.strict && !facts.coverage.complete ? EXIT.incomplete : EXIT.ok,
    }
  }
}
