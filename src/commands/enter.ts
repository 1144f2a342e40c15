import { string } from '@oclif/core/args'
import { keptDescriptors } from '../act/kept-descriptors.ts'
import { perform } from '../act/perform.ts'
import { type Answer, BaseCommand } from '../cli/base-command.ts'
import { byteWords, ownCmdline } from '../cli/byte-words.ts'
import { flagsOf } from '../cli/flags.ts'
import { planAnswer } from '../cli/plan-answer.ts'
import { tell } from '../cli/tell.ts'
import { collectEnter } from '../collect/enter.ts'
import { collectPlanHost } from '../collect/plan-host.ts'
import { openHost } from '../host/open.ts'
import { commandUidMap } from '../query/enter/command-map.ts'
import { pickContainer } from '../query/match-container.ts'
import { planEnter } from '../query/plan-enter.ts'
import { readEnterRequest } from '../query/read-enter-request.ts'

export default class Enter extends BaseCommand {
  static override summary = 'run a command inside the namespaces of a process or container'
  static override usage = 'enter [FLAG]... [TARGET] [FLAG]... [[--] COMMAND [ARGUMENT]...]'
  static override description =
    'Without flags of the group Namespaces it enters every namespace in which TARGET differs from us; without a ' +
    "command it starts the target's shell. A container is entered by its name only where nobody but root or " +
    'yourself could have made it up; one in another container is named with that (docker:ci/docker:web).\n\n' +
    'A namespace can also be named by itself: --net=NS, -n=NS or -n/FILE, where NS is a pid, a container, ' +
    'net:[4026532281], id:7353, netns:NAME or a path; a blank never gives a value (nsx help targets).\n\n' +
    'The second word that is no flag begins the command, or the first one behind --target PID. Where namespaces ' +
    'are named (--net=NS) and nothing is asked of a TARGET, none is needed, and the first word begins it. From ' +
    'there on nothing is read as a flag of nsx. With -- in front of the command there is no doubt.\n\n' +
    'nsx becomes the command: pid, signals and exit code are its own. Where a PID namespace is entered, or the ' +
    'command has a terminal of its own, one small process stays to pass them on.'
  static override args = {
    target: string({
      ignoreStdin: true,
      description: 'a pid, self, a container, or one namespace (nsx help targets)',
    }),
  }
  static override flags = flagsOf('enter')
  static override examples = [
    { command: 'nsx enter web', description: 'a shell in the container web' },
    { command: 'nsx enter 1234 --net -- ip -br addr', description: 'our ip(8) in its network' },
    {
      command: 'nsx enter --net=netns:blue ip route',
      description: 'in the network namespace /run/netns/blue',
    },
    {
      command: 'nsx enter -t 1234 -m -u -i -n -p -- ps',
      description: 'as one would write it for nsenter(1)',
    },
    {
      command: 'nsx enter web --like --dry-run',
      description: 'what would be done, and whether it would work',
    },
  ]

  async run(): Promise<Answer> {
    const { flags, args } = await this.parse(Enter)
    const words = byteWords(this.commandWords, ownCmdline)
    const request = readEnterRequest(flags, args.target, words)
    keptDescriptors(request)
    const { host, notice } = openHost(this.packageRoot, undefined)
    const facts = await collectEnter(host, request, pickContainer)
    const plan = planEnter(request, facts)
    const warnings = notice === null ? [] : [notice]
    if (request.dryRun) {
      const who = { uid: process.geteuid?.() ?? 0, now: new Date() }
      return {
        ...planAnswer(plan, { command: 'enter', host: collectPlanHost(host, who) }),
        warnings,
      }
    }
    tell([...warnings, ...plan.skipped, ...plan.notes])
    return perform(plan, {
      ...{ packageRoot: this.packageRoot, preserveFds: request.preserveFds },
      statusFd: request.statusFd,
      uidMap: commandUidMap(facts),
    })
  }
}
