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
import { NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import { parseTypes } from '../query/list-question.ts'
import { pickContainer } from '../query/match-container.ts'
import { leadersOf, matrixOf } from '../query/matrix/matrix.ts'
import { parseTarget } from '../query/parse-target.ts'
import { branchOf } from '../query/tree/branch.ts'
import { renderMatrix } from '../render/matrix.ts'
import { matrixDocument } from '../render/matrix-document.ts'
import { coverageNote } from '../render/notes.ts'
import { themeOf } from '../render/theme.ts'

/** What a document tells of a command line; more is cut and named in `lossy`. */
const CMDLINE_BYTES = 128 * 1024

export default class Matrix extends BaseCommand {
  static override summary = 'show at a glance who shares which namespaces with whom'
  static override description =
    'A row is a container, a systemd unit with namespaces of its own, or all other processes that are in ' +
    'the same eight namespaces, named by the topmost of them. In a column the same letter is the same ' +
    'namespace; containers of a pod stand together, below the one that holds its namespaces.\n\n' +
    'A ! marks containers that are in the mount, network, PID or IPC namespace of the host. Zombies have ' +
    'no namespaces any more, and are in no row.\n\n' +
    'With TARGETs: only the rows that they are in, and those that share a namespace with these.'
  static override args = {
    target: string({
      multiple: true,
      ignoreStdin: true,
      description: 'a pid, self, a container, or a namespace (nsx help targets)',
    }),
  }
  static override flags = flagsOf('matrix')
  static override examples = [
    { command: 'nsx matrix', description: 'all containers, units and other groups of processes' },
    { command: 'nsx matrix web db', description: 'two containers, and whoever shares with them' },
    { command: 'nsx matrix -t net,ipc', description: 'of two types' },
  ]

  async run(): Promise<Answer> {
    const { flags, args } = await this.parse(Matrix)
    const types = parseTypes(flags.type ?? [])
    const targets = (args.target ?? []).map(parseTarget)
    const { host, notice } = openHost(this.packageRoot, flags.procfs)
    const uid = process.geteuid?.() ?? 0
    const containers = { list: () => listContainers(host), pick: pickContainer }
    const found = []
    for (const target of targets)
      found.push(await findBranchTarget(host, target, { containers, uid }))
    const { snapshot } = await collectNamedList(host, {
      // One that was named may be of a type that was left out, which is then said.
      selection: {
        ...{ only: null, persistent: false },
        types: found.length > 0 ? new Set(NS_TYPE_NAMES) : types,
      },
      ...{ task: null, needs: new Set(['members', 'relatives'] as const) },
      ...{ descriptors: false, sockets: false, cmdlineBytes: 0 },
      ...{ uid, now: new Date(), observer: stderrObserver() },
    })
    const named = found.map((one) => branchOf(one, snapshot, { by: 'process', types }))
    const question = { types, only: named.length > 0 ? named : null }
    const population = await collectPopulation(host, snapshot, {
      ...{ allContainers: true, cmdlineBytes: CMDLINE_BYTES },
      closely: (placed) => leadersOf(placed, question),
    })
    const matrix = matrixOf(population, question)
    const note = coverageNote(population.snapshot, { atLeast: false, inferred: false })
    return {
      document: () => matrixDocument(population.snapshot, matrix, args.target ?? []),
      text: async (screen) =>
        renderMatrix(matrix, {
          ...{ width: screen.width ?? null, theme: await themeOf(screen) },
          ...{ types, verbose: flags.verbose },
        }),
      notes: () => (note === null ? [] : [note]),
      warnings: notice === null ? [] : [notice],
      exitCode: flags.strict && !population.snapshot.coverage.complete ? EXIT.incomplete : EXIT.ok,
    }
  }
}
