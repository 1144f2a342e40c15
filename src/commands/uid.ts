import { string } from '@oclif/core/args'
import { type Answer, BaseCommand } from '../cli/base-command.ts'
import { flagsOf } from '../cli/flags.ts'
import { stderrObserver } from '../cli/observer.ts'
import { containersOnce } from '../collect/named-subject.ts'
import { collectIds } from '../collect/translate-id.ts'
import { EXIT } from '../errors.ts'
import { openHost } from '../host/open.ts'
import type { IdKind } from '../model/id-facts.ts'
import { idAnswers } from '../query/id-answer.ts'
import { pickContainer } from '../query/match-container.ts'
import { parseTarget } from '../query/parse-target.ts'
import { readIdWord } from '../query/read-id-word.ts'
import { idView } from '../query/translate-id.ts'
import { idDocument } from '../render/id-document.ts'
import { coverageNote } from '../render/notes.ts'
import { themeOf } from '../render/theme.ts'
import { renderIds } from '../render/translate-id.ts'

export default class Uid extends BaseCommand {
  static override summary = 'translate uids between user namespaces'
  static override description =
    'A user namespace maps its uids to those of its parent (user_namespaces(7)). Shows what a uid is at every ' +
    'level from our user namespace down, by which line of the map, who has it by name, and who may map it ' +
    '(/etc/subuid).\n\n' +
    '1000@web is the uid 1000 as web numbers it. With --in the other way round: what web calls a uid, or a user ' +
    'of /etc/passwd, of ours. A process alone: all of its uids.'
  static override args = {
    uid: string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description: '1000@TARGET; with --in a uid or a name; else a process (nsx help targets)',
    }),
  }
  static override flags = flagsOf('uid')
  static override examples = [
    { command: 'nsx uid 1000@web', description: 'whose files are those of uid 1000 of web' },
    { command: 'nsx uid --in web 101000', description: 'what web calls our uid 101000' },
    { command: 'nsx uid 1234', description: 'the uids of a process, at every level' },
  ]
  protected readonly kind: IdKind = 'uid'

  async run(): Promise<Answer> {
    const { kind } = this
    const { flags, argv } = await this.parse(this.ctor as typeof Uid)
    const asked = flags.in !== undefined
    const words = (argv as string[]).map((text) => readIdWord(text, kind, { asked }))
    const within = flags.in === undefined ? null : { text: flags.in, target: parseTarget(flags.in) }
    const { host, notice } = openHost(this.packageRoot, flags.procfs)
    const facts = await collectIds(host, {
      ...{ kind, words, within, containers: containersOnce(host, pickContainer) },
      request: {
        ...{ contents: [], uid: process.geteuid?.() ?? 0, now: new Date() },
        observer: stderrObserver(),
      },
    })
    const view = idView(facts)
    const note = coverageNote(facts, { atLeast: false, inferred: false })
    return {
      document: () => idDocument(facts, view),
      text: async (screen) =>
        flags.quiet
          ? idAnswers(view)
              .map((id) => `${id}\n`)
              .join('')
          : renderIds(view, { width: screen.width ?? null, theme: await themeOf(screen) }),
      notes: () => (note === null || flags.quiet ? [] : [note]),
      warnings: notice === null ? [] : [notice],
      exitCode: flags.strict && !facts.coverage.complete ? EXIT.incomplete : EXIT.ok,
    }
  }
}
