import { string } from '@oclif/core/args'
import { type Answer, BaseCommand } from '../cli/base-command.ts'
import { checkConflicts } from '../cli/conflicts.ts'
import { flagsOf } from '../cli/flags.ts'
import { stderrObserver } from '../cli/observer.ts'
import type { Screen } from '../cli/screen.ts'
import { collectNamedList } from '../collect/list.ts'
import { listContainers } from '../collect/list-containers.ts'
import { readNamespacePath } from '../collect/named.ts'
import { resolveTask } from '../collect/resolve-target.ts'
import { EXIT } from '../errors.ts'
import { openHost } from '../host/open.ts'
import { columnTable, LIST_COLUMNS, tableOf } from '../query/columns.ts'
import { marksOf } from '../query/held-by.ts'
import { arrangeRows, listQuestion } from '../query/list-question.ts'
import { pickContainer } from '../query/match-container.ts'
import { rowsOf } from '../query/rows.ts'
import { checkTargets, resolveTargets, selectTargets } from '../query/targets.ts'
import { columnsDocument, listDocument } from '../render/list-document.ts'
import { coverageNote, failedNote } from '../render/notes.ts'
import { renderTable } from '../render/table.ts'

/** What a document tells of a command line; more is cut and named in `lossy`. */
const CMDLINE_BYTES = 128 * 1024

export default class List extends BaseCommand {
  static override summary = 'list the namespaces there are, and whose they are'
  static override description =
    'Finds every namespace that a process is in, that a descriptor, a socket or a bind mount ' +
    'keeps alive, and every ancestor and owner of those. With --deep also those of single threads, of ' +
    'children to come, of tun devices, and all that is mounted in any mount namespace.\n\n' +
    'CONTAINER is told by cgroups, parents and a few files, never by a daemon: docker:web, and one in ' +
    'another as machine:box/docker:web. Where only root may read the name, it is a number.\n\n' +
    'An ordinary user sees what the kernel lets them see. What could not be read is told on ' +
    'standard error, and in `coverage` of the document.'
  static override args = {
    ns: string({
      multiple: true,
      ignoreStdin: true,
      description: 'only these: net:[4026532281], 4026532281, id:7353, netns:NAME, a path',
    }),
  }
  static override flags = flagsOf('list')
  static override examples = [
    { command: 'nsx list', description: 'all namespaces, one line each' },
    { command: 'nsx list -t net,mnt', description: 'those of two types' },
    { command: 'nsx list -p 1234 -o +ID', description: 'those of one process, with their ids' },
    { command: 'nsx list -o +CONTAINER', description: 'and which container each belongs to' },
    { command: 'nsx list -P', description: 'those without processes, and what holds them' },
    { command: 'nsx list --deep', description: 'also those that only a thread or the like holds' },
    {
      command: `nsx list -Q 'ns.type == "net" && ns.holderCounts.process > 3'`,
      description: 'those for which a CEL expression holds',
    },
  ]

  async run(): Promise<Answer> {
    const { flags, args } = await this.parse(List)
    checkConflicts(flags)
    const style = (screen: Screen) => ({
      ...{ raw: flags.raw, boxed: flags.boxed, headings: !flags.noheadings },
      width: flags.notruncate ? null : (screen.width ?? null),
    })
    if (flags['list-columns']) {
      return {
        document: () => columnsDocument(LIST_COLUMNS),
        text: (screen) => renderTable(columnTable(LIST_COLUMNS), style(screen), screen),
      }
    }
    const question = await listQuestion({
      ...{ type: flags.type ?? [], namespaces: args.ns ?? [], task: flags.task },
      ...{ persistent: flags.persistent, filter: flags.filter, sort: flags.sort },
      ...{ output: flags.output, outputAll: flags['output-all'], json: flags.json },
    })
    const { host, notice } = openHost(this.packageRoot, flags.procfs)
    const observer = stderrObserver()
    const targets = resolveTargets(question.targets, (path) => readNamespacePath(host, path))
    const selection = {
      types: question.types,
      only: selectTargets(targets),
      persistent: question.persistent,
    }
    const containers = { list: () => listContainers(host), pick: pickContainer }
    const task = question.task && (await resolveTask(host, question.task, containers))
    const { snapshot, selection: selected } = await collectNamedList(host, {
      ...{ selection, task, needs: question.needs },
      deep: flags.deep,
      descriptors: !flags['no-descriptors'],
      sockets: !flags['no-descriptors'] && !flags['no-sockets'],
      cmdlineBytes: CMDLINE_BYTES,
      uid: process.geteuid?.() ?? 0,
      now: new Date(),
      observer,
    })
    checkTargets(targets, snapshot, question.types)
    const { rows, failed } = arrangeRows(rowsOf(snapshot, selected), question)
    const note = coverageNote(snapshot, marksOf(rows, question.columns))
    return {
      document: () => listDocument(snapshot, rows),
      text: (screen) =>
        renderTable(tableOf(rows, question.columns, snapshot.host), style(screen), screen),
      notes: () => (note === null ? [] : [note]),
      warnings: [...(notice === null ? [] : [notice]), ...(failed > 0 ? [failedNote(failed)] : [])],
      exitCode: flags.strict && !snapshot.coverage.complete ? EXIT.incomplete : EXIT.ok,
    }
  }
}
