/**
 * The effective uid in a /proc/PID/status (proc_pid_status(5)): the second number of `Uid:`.
 *
 * It is taken from here and not from the owner of /proc/PID, which is root for every process that
 * is not dumpable.
 *
 * The Name: line comes first and is escaped by the kernel, so a line start cannot be forged.
 */
export function parseEffectiveUid(bytes: Buffer): number | null {
  // Only short lines come before it.
  const match = /\nUid:\t\d+\t(\d+)\t\d+\t\d+\n/.exec(bytes.toString('latin1', 0, 512))
  return match ? Number(match[1]) : null
}

/** The process that a task is a thread of. */
export function parseTgid(bytes: Buffer): number | null {
  const match = /\nTgid:\t(\d+)\n/.exec(bytes.toString('latin1', 0, 512))
  return match ? Number(match[1]) : null
}

export interface Credentials {
  /** The effective capabilities, one bit each (capabilities(7)). */
  readonly effective: bigint
  readonly gids: ReadonlySet<number>
}

/** What decides whether hidepid hides from a process (proc(5)). */
export function parseCredentials(bytes: Buffer): Credentials | null {
  const text = bytes.toString('latin1')
  const effective = /\nCapEff:\t([0-9a-f]+)\n/.exec(text)
  const gid = /\nGid:\t\d+\t(\d+)\t/.exec(text)
  const groups = /\nGroups:\t([\d ]*)\n/.exec(text)
  if (!effective || !gid || !groups) return null
  const gids = [gid[1], ...(groups[1] ?? '').split(' ')].filter(Boolean).map(Number)
  return { effective: BigInt(`0x${effective[1]}`), gids: new Set(gids) }
}

export interface ProcIds {
  readonly real: number
  readonly effective: number
  readonly saved: number
  readonly fs: number
}

/** What /proc/PID/status says of rights (credentials(7), capabilities(7)). */
export interface ProcCredentials {
  readonly uid: ProcIds
  readonly gid: ProcIds
  readonly groups: readonly number[]
  /** 16 hexadecimal digits each. */
  readonly capabilities: Readonly<Record<CapabilitySet, string>>
  /** Null, here and below: this kernel has no such line. */
  readonly noNewPrivs: boolean | null
  readonly seccomp: 0 | 1 | 2 | null
  readonly seccompFilters: number | null
  /** Octal; a zombie has none. */
  readonly umask: string | null
}

const CAPABILITY_SETS = {
  inheritable: 'CapInh',
  permitted: 'CapPrm',
  effective: 'CapEff',
  bounding: 'CapBnd',
  ambient: 'CapAmb',
} as const
export type CapabilitySet = keyof typeof CAPABILITY_SETS

export interface ProcStatus {
  readonly tgid: number
  /** Of the whole process. */
  readonly threads: number
  /** The pid of the task in each PID namespace, from the procfs's own down; empty: not told. */
  readonly nsPids: readonly number[]
  /** The same of its process. */
  readonly nsTgids: readonly number[]
  /** Null: one of the lines is missing or odd. Nothing is made up for it. */
  readonly credentials: ProcCredentials | null
}

/**
 * Parses a /proc/PID/status (proc_pid_status(5)). A line start cannot be forged, because the kernel
 * escapes the Name: line, and of two lines of one name the first counts.
 *
 * @returns null where it does not say which process the task is of, or was cut short.
 */
export function parseStatus(bytes: Buffer): ProcStatus | null {
  const lines = linesByName(bytes.toString('latin1'))
  const tgid = integer(lines.get('Tgid'))
  const threads = integer(lines.get('Threads'))
  if (tgid === null || tgid === 0 || threads === null) return null
  return {
    tgid,
    threads,
    nsPids: integers(lines.get('NSpid')) ?? [],
    nsTgids: integers(lines.get('NStgid')) ?? [],
    credentials: credentialsOf(lines),
  }
}

type Lines = ReadonlyMap<string, string>

/** A last line without its newline may be cut short: it is left out. */
function linesByName(text: string): Lines {
  const lines = new Map<string, string>()
  for (const line of text.split('\n').slice(0, -1)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    if (colon > 0 && !lines.has(name)) lines.set(name, line.slice(colon + 1).trim())
  }
  return lines
}

function credentialsOf(lines: Lines): ProcCredentials | null {
  const uid = idsOf(lines.get('Uid'))
  const gid = idsOf(lines.get('Gid'))
  const groups = integers(lines.get('Groups'))
  const capabilities = capabilitiesOf(lines)
  if (!uid || !gid || !groups || !capabilities) return null
  const noNewPrivs = integer(lines.get('NoNewPrivs'))
  const seccomp = integer(lines.get('Seccomp'))
  const umask = lines.get('Umask') ?? ''
  return {
    ...{ uid, gid, groups, capabilities },
    noNewPrivs: noNewPrivs === null ? null : noNewPrivs !== 0,
    seccomp: seccomp === 0 || seccomp === 1 || seccomp === 2 ? seccomp : null,
    seccompFilters: integer(lines.get('Seccomp_filters')),
    umask: /^[0-7]{1,4}$/.test(umask) ? umask : null,
  }
}

function capabilitiesOf(lines: Lines): ProcCredentials['capabilities'] | null {
  const sets: Record<string, string> = {}
  for (const [set, name] of Object.entries(CAPABILITY_SETS)) {
    // Before Linux 4.3 no process had ambient capabilities.
    const hex = lines.get(name) ?? (set === 'ambient' ? '0' : '')
    if (!/^[0-9a-f]{1,16}$/.test(hex)) return null
    sets[set] = hex.padStart(16, '0')
  }
  return sets as Record<CapabilitySet, string>
}

function idsOf(text: string | undefined): ProcIds | null {
  const ids = integers(text) ?? []
  const [real, effective, saved, fs] = ids
  if (ids.length !== 4 || real === undefined || effective === undefined) return null
  return saved === undefined || fs === undefined ? null : { real, effective, saved, fs }
}

/** An empty line is an empty list. */
function integers(text: string | undefined): number[] | null {
  if (text === undefined) return null
  const words = text === '' ? [] : text.split(/[\t ]+/)
  return words.every(isInteger) ? words.map(Number) : null
}

function integer(text: string | undefined): number | null {
  return text !== undefined && isInteger(text) ? Number(text) : null
}

function isInteger(word: string): boolean {
  return /^\d{1,10}$/.test(word)
}
