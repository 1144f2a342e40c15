import { expect, it } from 'vitest'
import { hidesProcesses } from '../../src/collect/hidden.ts'
import { Procfs } from '../../src/host/procfs.ts'
import { typescriptHost } from '../../src/host/typescript.ts'

const INITIAL = 4026531837
const status = (capabilities: string, groups = ''): string =>
  `Name:\tnsx\nUid:\t7\t7\t7\t7\nGid:\t7\t7\t7\t7\nGroups:\t${groups}\nCapEff:\t${capabilities}\n`
const NONE = '0000000000000000'
const PTRACE = '0000000000080000'

/** A procfs mounted with these options, read with these rights. */
function hostOf(options: string, text: string) {
  class Mounted extends Procfs {
    override bytes(): Buffer {
      return Buffer.from(text)
    }
    override text(): string {
      return `20 1 0:5 / /sys rw - sysfs sysfs rw\n21 1 0:6 / /proc rw - proc proc ${options}\n`
    }
    override link(): string {
      return '1'
    }
  }
  return typescriptHost(new Mounted('/proc'), { describe: null, userName: () => null })
}

it.each([
  ['without the option nobody', 'rw', status(NONE), INITIAL, false],
  ['hidepid=1 refuses, but lists', 'rw,hidepid=1', status(NONE), INITIAL, false],
  ['hidepid=2 from a user', 'rw,hidepid=2', status(NONE), INITIAL, true],
  ['invisible from a user', 'rw,gid=9,hidepid=invisible', status(NONE), INITIAL, true],
  ['ptraceable from a user', 'rw,hidepid=ptraceable', status(NONE), INITIAL, true],
  [
    'nothing from a member of its group',
    'rw,gid=9,hidepid=2',
    status(NONE, '4 9 '),
    INITIAL,
    false,
  ],
  ['nothing from who may trace all', 'rw,hidepid=2', status(PTRACE), INITIAL, false],
  ['from who may trace in a user namespace', 'rw,hidepid=2', status(PTRACE), 4026532999, true],
])('a procfs hides %s', (_, options, text, userNs, hides) => {
  expect(hidesProcesses(hostOf(options, text), userNs)).toBe(hides)
})
