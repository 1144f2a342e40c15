import { string } from '@oclif/core/args'
import { type Answer, BaseCommand } from '../cli/base-command.ts'
import { flagsOf } from '../cli/flags.ts'
import { stderrObserver } from '../cli/observer.ts'
import { inspectNamespace } from '../collect/inspect-namespace.ts'
import { inspectTask } from '../collect/inspect-task.ts'
import { listContainers } from '../collect/list-containers.ts'
import { resolveTarget } from '../collect/resolve-target.ts'
import { EXIT } from '../errors.ts'
import { openHost } from '../host/open.ts'
import { parseTypes } from '../query/list-question.ts'
import { pickContainer } from '../query/match-container.ts'
import { parseTarget } from '../query/parse-target.ts'
import { isAtLeast, showView } from '../query/show.ts'
import { namespaceView } from '../query/show-namespace.ts'
import { coverageNote } from '../render/notes.ts'
import { renderShow } from '../render/show.ts'
import { namespaceDocument, showDocument } from '../render/show-document.ts'
import { renderNamespace } from '../render/show-namespace.ts'
import { themeOf } from '../render/theme.ts'

/** Members of a namespace that one screen shows, unless all are asked for. */
const MOST_MEMBERS = 20

export default class Show extends BaseCommand {
  static override summary = 'show what a process is confined to, or what a namespace holds'
  static override description =
    'Of a process: its ten namespaces in the groups in which the kernel keeps them, with whom each is ' +
    'shared, who owns it and what is inside; threads that are elsewhere; its capabilities.\n\n' +
    'Of a namespace: its owner and relatives, what keeps it alive, its members, and all that is inside.'
  static override args = {
    target: string({
      required: true,
      ignoreStdin: true,
      description: 'a pid, self, a container, or a namespace (nsx help targets)',
    }),
  }
  static override flags = flagsOf('show')
  static override examples = [
    { command: 'nsx show 1234', description: 'the namespaces of a process' },
    { command: 'nsx show web', description: 'those of the container web' },
    { command: 'nsx show netns:blue', description: 'the network namespace /run/netns/blue' },
  ]

  async run(): Promise<Answer> {
    const { flags, args } = await this.parse(Show)
    const types = parseTypes(flags.type ?? [])
    const target = parseTarget(args.target)
    const { host, notice } = openHost(this.packageRoot, flags.procfs)
    const containers = { list: () => listContainers(host), pick: pickContainer }
    const resolved = await resolveTarget(host, target, containers)
    const request = {
      ...{ contents: [...types], uid: process.geteuid?.() ?? 0, now: new Date() },
      observer: stderrObserver(),
    }
    const warnings = notice === null ? [] : [notice]
    const exitCode = ({ complete }: { complete: boolean }) =>
      flags.strict && !complete ? EXIT.incomplete : EXIT.ok
    if (resolved.kind === 'namespace') {
      const inspection = await inspectNamespace(host, { ...resolved, text: args.target }, request)
      const view = namespaceView(inspection)
      const note = coverageNote(inspection.snapshot, { atLeast: false, inferred: false })
      return {
        document: () => namespaceDocument(inspection, view),
        text: async (screen) =>
          renderNamespace(view, {
            ...{ width: screen.width ?? null, theme: await themeOf(screen) },
            most: screen.terminal && !flags.verbose ? MOST_MEMBERS : null,
          }),
        notes: () => (note === null ? [] : [note]),
        ...{ warnings, exitCode: exitCode(inspection.snapshot.coverage) },
      }
    }
    const owners = flags.json || flags.verbose || flags.type !== undefined
    const inspection = await inspectTask(host, resolved, { ...request, owners })
    const view = showView(inspection)
    const note = coverageNote(inspection, { atLeast: isAtLeast(view), inferred: false })
    return {
      document: () => showDocument(inspection, view),
      text: async (screen) =>
        renderShow(view, {
          ...{ width: screen.width ?? null, theme: await themeOf(screen) },
          ...{ types, verbose: flags.verbose },
        }),
      notes: () => (note === null ? [] : [note]),
      ...{ warnings, exitCode: exitCode(inspection.coverage) },
    }
  }
}
