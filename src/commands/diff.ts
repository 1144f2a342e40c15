import { string } from '@oclif/core/args'
import { type Answer, BaseCommand } from '../cli/base-command.ts'
import { flagsOf } from '../cli/flags.ts'
import { stderrObserver } from '../cli/observer.ts'
import { inspectPair } from '../collect/inspect-pair.ts'
import { listContainers } from '../collect/list-containers.ts'
import { resolveTarget } from '../collect/resolve-target.ts'
import { openHost } from '../host/open.ts'
import { consequencesOf } from '../query/consequences.ts'
import { diffExitCode, diffView } from '../query/diff.ts'
import { parseTypes } from '../query/list-question.ts'
import { pickContainer } from '../query/match-container.ts'
import { parseTarget } from '../query/parse-target.ts'
import { renderDiff } from '../render/diff.ts'
import { diffDocument } from '../render/diff-document.ts'
import { coverageNote } from '../render/notes.ts'
import { themeOf } from '../render/theme.ts'

/** Differences of each type that one screen shows, unless types are named. */
const MOST_DIFFERENCES = 3

export default class Diff extends BaseCommand {
  static override summary = 'say what differs between two processes or namespaces, and what follows'
  static override description =
    'Compares the namespaces that two processes are in and, where these differ, what is inside of them: ' +
    'host name, interfaces, addresses, routes, name servers, listening ports, mounts, id maps, message queues, ' +
    'offsets of clocks. Then says what follows: who can see, signal, trace or reach whom. A security module, ' +
    'a seccomp filter or a firewall may still forbid what these sentences allow.\n\n' +
    'Where a namespace is named, only its type is compared. What children would be born into ' +
    '(pid_for_children, time_for_children) is not: nsx show tells it of each.\n\n' +
    'The exit code is 0 where nothing differs, 1 where something does, 5 where nothing does but something could ' +
    'not be compared.'
  static override args = {
    a: string({
      required: true,
      ignoreStdin: true,
      description: 'a pid, self, a container, or a namespace (nsx help targets)',
    }),
    b: string({ required: true, ignoreStdin: true, description: 'what it is compared with' }),
  }
  static override flags = flagsOf('diff')
  static override examples = [
    { command: 'nsx diff self 1234', description: 'our own namespaces and those of a process' },
    { command: 'nsx diff web db', description: 'two containers' },
    { command: 'nsx diff -t net netns:blue netns:green', description: 'two namespaces of a type' },
  ]

  async run(): Promise<Answer> {
    const { flags, args } = await this.parse(Diff)
    const types = parseTypes(flags.type ?? [])
    const targets = [parseTarget(args.a), parseTarget(args.b)] as const
    const { host, notice } = openHost(this.packageRoot, flags.procfs)
    const containers = { list: () => listContainers(host), pick: pickContainer }
    const [a, b] = [
      { ...(await resolveTarget(host, targets[0], containers)), text: args.a },
      { ...(await resolveTarget(host, targets[1], containers)), text: args.b },
    ]
    const pair = await inspectPair(host, [a, b], {
      contents: [...types],
      uid: process.geteuid?.() ?? 0,
      now: new Date(),
      observer: stderrObserver(),
    })
    const view = diffView(pair, args, pair.pair ? consequencesOf(pair.pair) : [])
    const note = coverageNote(pair, { atLeast: false, inferred: false })
    return {
      document: () => diffDocument(pair, view),
      text: async (screen) =>
        flags.quiet
          ? ''
          : renderDiff(view, {
              width: screen.width ?? null,
              theme: await themeOf(screen),
              most: screen.terminal && flags.type === undefined ? MOST_DIFFERENCES : null,
            }),
      notes: () => (note === null || flags.quiet ? [] : [note]),
      warnings: notice === null ? [] : [notice],
      exitCode: diffExitCode(view, { strict: flags.strict, complete: pair.coverage.complete }),
    }
  }
}
