import { string } from '@oclif/core/args'
import { flagsOf } from '../cli/flags.ts'
import Uid from './uid.ts'

export default class Gid extends Uid {
  static override summary = 'translate gids between user namespaces'
  static override description =
    'As nsx uid, for groups: what a gid is at every level from our user namespace down, by which line of the map, ' +
    'who has it by name, and who may map it (/etc/subgid).\n\n' +
    '100@web is the gid 100 as web numbers it. With --in the other way round: what web calls a gid, or a group ' +
    'of /etc/group, of ours. A process alone: all of its gids, its supplementary groups among them.'
  static override args = {
    gid: string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description: '100@TARGET; with --in a gid or a name; else a process (nsx help targets)',
    }),
  } as unknown as (typeof Uid)['args']
  static override flags = flagsOf('gid')
  static override examples = [
    { command: 'nsx gid 100@web', description: 'which group is gid 100 of web here' },
    { command: 'nsx gid --in web docker', description: 'what web calls our group docker' },
    { command: 'nsx gid 1234', description: 'the gids of a process, at every level' },
  ]
  protected override readonly kind = 'gid'
}
