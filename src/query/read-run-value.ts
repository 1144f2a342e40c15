import { parseSignal, SIGNAL_NAMES } from '../kernel/signals.ts'
import { nearest } from '../model/nearest.ts'
import { misuse } from './misuse.ts'
import { readId, readNumber, readWord } from './read-value.ts'

/** One of a few words. @throws NsxError (usage), as all that follow */
export function readChoice<Choice extends string>(
  text: string | undefined,
  flag: string,
  choices: readonly Choice[],
): Choice | null {
  if (text === undefined) return null
  const choice = choices.find((each) => each === text)
  if (choice !== undefined) return choice
  const guess = nearest(text, choices)
  throw misuse('unknown-word', `${flag} ${text}: there is ${choices.join(', ')}`, {
    target: flag,
    hint: guess ? `did you mean ${guess}?` : `write one of these, as ${flag}=${choices[0]}`,
  })
}

export function readOwner(text: string): { uid: number; gid: number } {
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(text) ?? []
  if (uid !== undefined && gid !== undefined) {
    return { uid: readId(uid, '--owner'), gid: readId(gid, '--owner') }
  }
  throw misuse('bad-owner', `--owner ${text}: that is not UID:GID`, {
    target: '--owner',
    hint: 'write two numbers, as in 1000:1000',
  })
}

/** The kernel takes no more (KTIME_SEC_MAX / 2, time_namespaces(7)). */
const MOST_SECONDS = 4_611_686_018

export function readOffset(text: string | undefined, flag: string): number | null {
  const range = { flag, least: -MOST_SECONDS, most: MOST_SECONDS, what: 'seconds' }
  return text === undefined ? null : readNumber(text, range)
}

export function readSignal(text: string): number {
  const signal = parseSignal(text)
  if (signal !== null) return signal
  const guess = nearest(text.toUpperCase().replace(/^SIG/, ''), SIGNAL_NAMES)
  throw misuse('unknown-signal', `--kill-child=${text}: there is no such signal`, {
    target: '--kill-child',
    hint: guess ? `did you mean ${guess}?` : 'write its name or number: TERM, SIGTERM, 15',
  })
}

export function readVariable(name: string): string {
  if (name !== '' && !name.includes('=')) return name
  throw misuse('bad-variable', `--whitelist-env ${name}: that is no name of a variable`, {
    target: '--whitelist-env',
    hint: 'write names alone, separated by commas, as in PATH,HOME; their values are kept',
  })
}

/** __NEW_UTS_LEN. */
const MOST_HOSTNAME = 64

export function readHostname(name: string): string {
  readWord(name, '--hostname', 'a name')
  const { length } = new TextEncoder().encode(name)
  if (length <= MOST_HOSTNAME) return name
  throw misuse('bad-hostname', `--hostname ${name}: it has ${length} bytes`, {
    target: '--hostname',
    hint: `the kernel takes ${MOST_HOSTNAME} at the most`,
  })
}

export function readCgroup(path: string): string {
  const parts = path.split('/').filter((part) => part !== '')
  if (path !== '' && !parts.includes('..')) return `/${parts.join('/')}`
  throw misuse('bad-cgroup', `--cgroup-path ${path}: that is no path below the root of cgroup2`, {
    target: '--cgroup-path',
    hint: 'write it as in /proc/self/cgroup, such as /user.slice/test',
  })
}
