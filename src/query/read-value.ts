import { misuse } from './misuse.ts'

/** Of uids, gids, counts: 32 bits. The greatest means "none" to many system calls. */
const MOST_IDS = 0xffff_ffff

/** So many descriptors a process can have (fs.nr_open by default). */
const MOST_DESCRIPTORS = 1_048_576

export interface NumberRange {
  readonly flag: string
  readonly least: number
  readonly most: number
  /** What it is, as the message says it: `a descriptor`. */
  readonly what: string
}

/** A whole number of decimal digits. @throws NsxError (usage) */
export function readNumber(text: string, { flag, least, most, what }: NumberRange): number {
  const value = /^-?\d{1,20}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw misuse('bad-number', `${flag} ${text}: that is not ${what}`, {
    target: flag,
    hint: `write a whole number from ${least} to ${most}`,
  })
}

/** A uid or gid. */
export function readId(text: string, flag: string): number {
  return readNumber(text, { flag, least: 0, most: MOST_IDS - 1, what: 'an id' })
}

export function readFd(text: string, flag: string): number {
  return readNumber(text, { flag, least: 0, most: MOST_DESCRIPTORS, what: 'a descriptor' })
}

/** What a process passes on and what it reports to. */
export interface DescriptorWords {
  readonly 'preserve-fds': string | undefined
  readonly 'status-fd': string | undefined
}

export function readDescriptors(words: DescriptorWords): {
  preserveFds: number
  statusFd: number | null
} {
  const { 'preserve-fds': preserve, 'status-fd': status } = words
  const count = {
    ...{ flag: '--preserve-fds', least: 0, most: MOST_DESCRIPTORS },
    what: 'how many descriptors there are from 3 on',
  }
  const preserveFds = preserve === undefined ? 0 : readNumber(preserve, count)
  const statusFd = status === undefined ? null : readFd(status, '--status-fd')
  if (statusFd !== null && statusFd >= 3 && statusFd < 3 + preserveFds) {
    throw misuse(
      'conflicting-flags',
      `--preserve-fds ${preserveFds} would pass on descriptor ${statusFd}, where --status-fd writes`,
      {
        target: '--status-fd',
        hint: `take ${3 + preserveFds} or a greater one for it`,
      },
    )
  }
  return { preserveFds, statusFd }
}

/** The flags that begin as this one, as a person writes them. */
export interface PlanWords {
  readonly 'dry-run': boolean
  readonly json: boolean
}

/** @throws NsxError (usage) for --json without --dry-run: the output is that of the command. */
export function readDryRun({ 'dry-run': dryRun, json }: PlanWords): boolean {
  if (!json || dryRun) return dryRun
  throw misuse('json-without-plan', '--json tells of a plan, and there is none without --dry-run', {
    target: '--json',
    hint: 'add --dry-run; what the command does is told by --status-fd',
  })
}

/** @throws NsxError (usage) for the first two flags that cannot both be meant. */
export function refuseTogether(
  pairs: readonly (readonly [string, string])[],
  isGiven: (flag: string) => boolean,
): void {
  const [a, b] = pairs.find((pair) => pair.every(isGiven)) ?? []
  if (a === undefined || b === undefined) return
  throw misuse('conflicting-flags', `--${a} and --${b} exclude each other`, {
    target: `--${b}`,
    hint: 'leave one of them out',
  })
}

/** A path or name that must not be nothing. */
export function readWord(text: string, flag: string, what: string): string {
  if (text !== '') return text
  throw misuse('empty-value', `${flag} names nothing: it takes ${what}`, {
    target: flag,
    hint: `write ${what} behind it`,
  })
}
