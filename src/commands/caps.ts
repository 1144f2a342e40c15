import { string } from '@oclif/core/args'
import { type Answer, BaseCommand } from '../cli/base-command.ts'
import { flagsOf } from '../cli/flags.ts'
import { stderrObserver } from '../cli/observer.ts'
import { collectCaps } from '../collect/caps.ts'
import { containersOnce } from '../collect/named-subject.ts'
import { EXIT } from '../errors.ts'
import { openHost } from '../host/open.ts'
import { capsView } from '../query/caps.ts'
import { checkCapsTypes } from '../query/caps-types.ts'
import { parseTypes } from '../query/list-question.ts'
import { pickContainer } from '../query/match-container.ts'
import { parseTarget } from '../query/parse-target.ts'
import { renderCaps } from '../render/caps.ts'
import { capsDocument } from '../render/caps-document.ts'
import { coverageNote } from '../render/notes.ts'
import { themeOf } from '../render/theme.ts'

export default class Caps extends BaseCommand {
  static override summary = 'say what a process may do in a namespace, and why'
  static override description =
    "Follows the kernel's own rule: a namespace belongs to a user namespace; from that one upwards, the process's " +
    'own user namespace decides by its effective capabilities, whoever created a child of its own has all of ' +
    'them in it, and nobody has any in what is not below of its own.\n\n' +
    'Then says what follows: whether the process may enter each namespace, mount, configure the network and, of ' +
    'another process, signal and trace it. A security module or a seccomp filter may still forbid it.'
  static override args = {
    a: string({
      required: true,
      ignoreStdin: true,
      description: 'who: a pid, self, a container (nsx help targets)',
    }),
    ns: string({
      required: true,
      ignoreStdin: true,
      description: 'where: a namespace, or a process or container, of which the user namespace',
    }),
  }
  static override flags = flagsOf('caps')
  static override examples = [
    { command: 'nsx caps self web', description: 'what we may do to the container web' },
    { command: 'nsx caps web 1', description: 'what it may do to the host, if it gets out' },
    { command: 'nsx caps 1234 netns:blue', description: 'in a network namespace' },
    { command: 'nsx caps -t net,mnt self web', description: 'in two namespaces of web' },
  ]

  async run(): Promise<Answer> {
    const { flags, args } = await this.parse(Caps)
    const types = flags.type === undefined ? null : parseTypes(flags.type)
    const [a, b] = [args.a, args.ns].map((text) => ({ text, target: parseTarget(text) })) as [
      { text: string; target: ReturnType<typeof parseTarget> },
      { text: string; target: ReturnType<typeof parseTarget> },
    ]
    const { host, notice } = openHost(this.packageRoot, flags.procfs)
    const facts = await collectCaps(host, {
      ...{ a, b, containers: containersOnce(host, pickContainer) },
      request: {
        ...{ contents: [], uid: process.geteuid?.() ?? 0, now: new Date() },
        observer: stderrObserver(),
      },
    })
    checkCapsTypes(facts, types)
    const view = capsView(facts, types)
    const { lastCapability } = facts
    const note = coverageNote(facts, { atLeast: false, inferred: false })
    return {
      document: () => capsDocument(facts, view),
      text: async (screen) =>
        renderCaps(view, {
          ...{ width: screen.width ?? null, theme: await themeOf(screen), lastCapability },
        }),
      notes: () => (note === null ? [] : [note]),
      warnings: notice === null ? [] : [notice],
      exitCode: flags.strict && !facts.coverage.complete ? EXIT.incomplete : EXIT.ok,
    }
  }
}
