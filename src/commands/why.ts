import { string } from '@oclif/core/args'
import { type Answer, BaseCommand } from '../cli/base-command.ts'
import { flagsOf } from '../cli/flags.ts'
import { stderrObserver } from '../cli/observer.ts'
import { listContainers } from '../collect/list-containers.ts'
import { nameNamespace } from '../collect/named-namespace.ts'
import { collectWhy } from '../collect/why.ts'
import { EXIT } from '../errors.ts'
import { openHost } from '../host/open.ts'
import { pickContainer } from '../query/match-container.ts'
import { isWhole } from '../query/why/unread.ts'
import { checkType, whyQuestion } from '../query/why/why-question.ts'
import { whyMarks, whyView } from '../query/why.ts'
import { coverageNote } from '../render/notes.ts'
import { themeOf } from '../render/theme.ts'
import { renderWhy } from '../render/why.ts'
import { whyDocument } from '../render/why-document.ts'

/** Holders of each kind that one screen shows, unless all are asked for. */
const MOST_HOLDERS = 12

export default class Why extends BaseCommand {
  static override summary = 'tell why a namespace is alive: everything that holds it'
  static override description =
    'A namespace lives as long as anything holds it: a process or a thread in it, a task whose children ' +
    'are born into it, an open descriptor or a socket, a bind mount in any mount namespace, a child or a ' +
    'namespace that it owns. All of these are looked for, then a sentence says why it is alive, and what ' +
    'would let go of it. Nothing of that is done.\n\n' +
    'A descriptor that is on its way through a socket, or what the kernel itself holds, nobody can see: ' +
    'where nothing is found, nothing is guessed.'
  static override args = {
    ns: string({
      required: true,
      ignoreStdin: true,
      description: 'a namespace; or, with --type, a pid, self or a container (nsx help targets)',
    }),
  }
  static override flags = flagsOf('why')
  static override examples = [
    { command: 'nsx why netns:blue', description: 'what keeps /run/netns/blue' },
    { command: 'nsx why net:[4026532281]', description: 'the same by its number' },
    { command: 'nsx why web -t net', description: 'the network namespace of the container web' },
  ]

  async run(): Promise<Answer> {
    const { flags, args } = await this.parse(Why)
    const { target, type } = whyQuestion(args.ns, flags.type)
    const { host, notice } = openHost(this.packageRoot, flags.procfs)
    const uid = process.geteuid?.() ?? 0
    const containers = { list: () => listContainers(host), pick: pickContainer }
    const named = await nameNamespace(host, target, { containers, type, uid })
    const reading = { uid, now: new Date(), observer: stderrObserver() }
    const inspection = await collectWhy(host, named, reading)
    const view = whyView(inspection)
    checkType(args.ns, view.namespace.type, type)
    const { coverage } = inspection.snapshot
    const note = coverageNote(inspection.snapshot, whyMarks(view))
    return {
      document: () => whyDocument(inspection, view),
      text: async (screen) =>
        renderWhy(view, {
          ...{ width: screen.width ?? null, theme: await themeOf(screen) },
          most: screen.terminal && !flags.verbose ? MOST_HOLDERS : null,
        }),
      notes: () => (note === null ? [] : [note]),
      warnings: notice === null ? [] : [notice],
      exitCode: flags.strict && !isWhole(coverage) ? EXIT.incomplete : EXIT.ok,
    }
  }
}
