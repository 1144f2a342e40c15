import { string } from '@oclif/core/args'
import { type Answer, BaseCommand } from '../cli/base-command.ts'
import { flagsOf } from '../cli/flags.ts'
import { stderrObserver } from '../cli/observer.ts'
import { containersOnce } from '../collect/named-subject.ts'
import { collectPids } from '../collect/translate-pid.ts'
import { EXIT } from '../errors.ts'
import { openHost } from '../host/open.ts'
import { pickContainer } from '../query/match-container.ts'
import { parseTarget } from '../query/parse-target.ts'
import { pidAnswers } from '../query/pid-answer.ts'
import { readPidWord } from '../query/read-pid-word.ts'
import { pidView } from '../query/translate-pid.ts'
import { coverageNote } from '../render/notes.ts'
import { pidDocument } from '../render/pid-document.ts'
import { themeOf } from '../render/theme.ts'
import { renderPids } from '../render/translate-pid.ts'

export default class Pid extends BaseCommand {
  static override summary = 'translate pids between PID namespaces'
  static override description =
    'A process has a pid in its own PID namespace and in each one above it. Shows them all, from the PID ' +
    'namespace of /proc down to its own, each with its first process and what that is contained in.\n\n' +
    '7@web is the process that is pid 7 in the container web; 7@1234 the one that is pid 7 to the process 1234, ' +
    'and 7@pid:[4026532281] in that PID namespace. With --in the other way round: what web calls a process.'
  static override args = {
    target: string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description: '7@web, a pid, a container, self (nsx help targets)',
    }),
  }
  static override flags = flagsOf('pid')
  static override examples = [
    { command: 'nsx pid 7@web', description: 'which process is pid 7 of the container web' },
    { command: 'kill $(nsx pid -q 7@web)', description: 'end it, by the pid that it has here' },
    { command: 'nsx pid --in web 48213', description: 'what web calls the process 48213' },
  ]

  async run(): Promise<Answer> {
    const { flags, args } = await this.parse(Pid)
    const words = args.target.map(readPidWord)
    const within = flags.in === undefined ? null : { text: flags.in, target: parseTarget(flags.in) }
    const { host, notice } = openHost(this.packageRoot, flags.procfs)
    const facts = await collectPids(host, {
      ...{ words, within, inits: flags.json || !flags.quiet },
      containers: containersOnce(host, pickContainer),
      request: {
        ...{ contents: [], uid: process.geteuid?.() ?? 0, now: new Date() },
        observer: stderrObserver(),
      },
    })
    const view = pidView(facts)
    const note = coverageNote(facts, { atLeast: false, inferred: false })
    return {
      document: () => pidDocument(facts, view),
      text: async (screen) =>
        flags.quiet
          ? pidAnswers(view)
              .map((pid) => `${pid}\n`)
              .join('')
          : renderPids(view, { width: screen.width ?? null, theme: await themeOf(screen) }),
      notes: () => (note === null || flags.quiet ? [] : [note]),
      warnings: notice === null ? [] : [notice],
      exitCode: flags.strict && !facts.coverage.complete ? EXIT.incomplete : EXIT.ok,
    }
  }
}
