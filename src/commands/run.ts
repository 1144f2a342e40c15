import { keptDescriptors } from '../act/kept-descriptors.ts'
import { perform } from '../act/perform.ts'
import { type Answer, BaseCommand } from '../cli/base-command.ts'
import { byteWords, ownCmdline } from '../cli/byte-words.ts'
import { flagsOf } from '../cli/flags.ts'
import { ID_NAMES } from '../cli/id-names.ts'
import { planAnswer } from '../cli/plan-answer.ts'
import { tell } from '../cli/tell.ts'
import { callersLimits, collectLimits } from '../collect/limits.ts'
import { collectPlanHost } from '../collect/plan-host.ts'
import { collectRun } from '../collect/run.ts'
import { openHost } from '../host/open.ts'
import { countedRun } from '../query/limits/runs.ts'
import { planRun } from '../query/plan-run.ts'
import { readRunRequest } from '../query/read-run-request.ts'

export default class Run extends BaseCommand {
  static override summary = 'run a command in new namespaces'
  static override usage = 'run [FLAG]... [[--] COMMAND [ARGUMENT]...]'
  static override description =
    'Makes the namespaces that are asked for, sets them up and starts the command in them; without a command, ' +
    'your shell. With =FILE a namespace is also bound there, and outlives the command (a blank never gives a ' +
    'value).\n\n' +
    'An ordinary user needs a user namespace for all others: add -r to be root in it.\n\n' +
    'With --pid an init of nsx is pid 1: it reaps orphans and passes signals on. --no-init is the way of ' +
    'unshare(1): the command itself is pid 1, so that SIGTERM to it is ignored unless it handles it, nobody ' +
    'reaps for it, and nothing can be started any more once it has ended.\n\n' +
    'The first word that is no flag begins the command, as -- does; from there on nothing is read as a flag of ' +
    'nsx. Its exit code is passed on.'
  static override flags = flagsOf('run')
  static override examples = [
    {
      command: 'nsx run -Urpmfn --mount-proc -- sh',
      description: 'root in a sandbox, as any user',
    },
    { command: 'nsx run --net --loopback', description: 'a shell without a network' },
    {
      command: 'nsx run --net=/run/netns/blue true',
      description: 'a network namespace that stays, as ip netns add makes it',
    },
    {
      command: 'nsx run -U --map-auto -r -- id',
      description: 'with all ids that /etc/subuid grants',
    },
    { command: 'nsx run -Un --dry-run', description: 'whether it would work, and why not' },
  ]

  async run(): Promise<Answer> {
    const { flags } = await this.parse(Run)
    const request = readRunRequest(flags, byteWords(this.commandWords, ownCmdline), ID_NAMES)
    keptDescriptors(request)
    const { host, notice } = openHost(this.packageRoot, undefined)
    const who = { uid: process.geteuid?.() ?? 0, now: new Date() }
    // To count what there is takes a look at all processes: for a forecast alone.
    const counted = request.dryRun ? await collectLimits(host, callersLimits(request, who)) : null
    const facts = (counted && countedRun(counted)) ?? (await collectRun(host, request))
    const plan = planRun(request, facts)
    const warnings = notice === null ? [] : [notice]
    if (request.dryRun) {
      return { ...planAnswer(plan, { command: 'run', host: collectPlanHost(host, who) }), warnings }
    }
    tell([...warnings, ...plan.skipped, ...plan.notes])
    return perform(plan, {
      ...{ packageRoot: this.packageRoot, preserveFds: request.preserveFds },
      ...{ statusFd: request.statusFd, uidMap: null },
    })
  }
}
