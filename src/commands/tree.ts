import { string } from '@oclif/core/args'
import { type Answer, BaseCommand } from '../cli/base-command.ts'
import { flagsOf } from '../cli/flags.ts'
import { stderrObserver } from '../cli/observer.ts'
import { findBranchTarget } from '../collect/branch-target.ts'
import { collectNamedList } from '../collect/list.ts'
import { listContainers } from '../collect/list-containers.ts'
import { collectPopulation } from '../collect/population.ts'
import { EXIT } from '../errors.ts'
import { openHost } from '../host/open.ts'
import { pickContainer } from '../query/match-container.ts'
import { parseTarget } from '../query/parse-target.ts'
import { branchOf } from '../query/tree/branch.ts'
import { treeQuestion } from '../query/tree/tree-question.ts'
import { TREES } from '../query/tree/trees.ts'
import { coverageNote } from '../render/notes.ts'
import { themeOf } from '../render/theme.ts'
import { renderTreeView } from '../render/tree.ts'
import { treeDocument } from '../render/tree-document.ts'

/** Members of a PID namespace that one screen shows, unless all are asked for. */
const MOST_MEMBERS = 5
/** What a document tells of a command line; more is cut and named in `lossy`. */
const CMDLINE_BYTES = 128 * 1024

export default class Tree extends BaseCommand {
  static override summary = 'draw how namespaces belong together: by owner, parent or process'
  static override description =
    'By owner: user namespaces below each other, and below each what it owns. By parent: PID and user ' +
    'namespaces below each other, with the members of PID namespaces and their pids at every level, as ' +
    'in 950 → 7. By process: the process tree, reduced to processes that are in other namespaces than ' +
    'their parents; all others are only counted.\n\n' +
    'A TARGET shows its branch alone: of a process its own namespaces and those above them (by process: ' +
    'what is above and below it), of a namespace also all that is below it.'
  static override args = {
    target: string({
      ignoreStdin: true,
      description: 'a pid, self, a container, or a namespace (nsx help targets)',
    }),
  }
  static override flags = flagsOf('tree')
  static override examples = [
    { command: 'nsx tree', description: 'who owns which namespaces' },
    { command: 'nsx tree web --by parent', description: 'pids inside and outside of a container' },
    {
      command: 'nsx tree --by process',
      description: 'where processes leave the namespaces of their parents',
    },
  ]

  async run(): Promise<Answer> {
    const { flags, args } = await this.parse(Tree)
    const question = treeQuestion({ by: flags.by, type: flags.type ?? [] })
    const target = args.target === undefined ? null : parseTarget(args.target)
    const { host, notice } = openHost(this.packageRoot, flags.procfs)
    const uid = process.geteuid?.() ?? 0
    const containers = { list: () => listContainers(host), pick: pickContainer }
    const found = target && (await findBranchTarget(host, target, { containers, uid }))
    const tree = TREES[question.by]
    const { closely } = tree
    const { snapshot } = await collectNamedList(host, {
      ...{ selection: tree.selection(question), task: null, ...tree.reading },
      ...{ cmdlineBytes: CMDLINE_BYTES, uid, now: new Date(), observer: stderrObserver() },
    })
    const asked = { ...question, branch: found && branchOf(found, snapshot, question) }
    const population = await collectPopulation(host, snapshot, {
      ...{ allContainers: false, cmdlineBytes: CMDLINE_BYTES },
      closely: closely && ((placed) => closely(placed, asked)),
    })
    const view = tree.view(population, asked)
    const note = coverageNote(population.snapshot, tree.marks(view))
    return {
      document: () => treeDocument(population.snapshot, view, args.target ?? null),
      text: async (screen) =>
        renderTreeView(view, {
          ...{ width: screen.width ?? null, theme: await themeOf(screen) },
          most: screen.terminal && !flags.verbose ? MOST_MEMBERS : null,
        }),
      notes: () => (note === null ? [] : [note]),
      warnings: notice === null ? [] : [notice],
      exitCode: flags.strict && !population.snapshot.coverage.complete ? EXIT.incomplete : EXIT.ok,
    }
  }
}
