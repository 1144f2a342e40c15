import { formatNsLink } from '../kernel/ns-link.ts'
import type { HolderKind, NsRef } from '../model/snapshot.ts'
import type { HolderRow, Row } from './rows.ts'

/** Kinds of which only the number is told, in one line of a listing. */
const COUNTED: Readonly<Partial<Record<HolderKind, [one: string, many: string]>>> = {
  process: ['process', 'processes'],
  child: ['child', 'children'],
  owned: ['owned namespace', 'owned namespaces'],
}

/**
 * What keeps a namespace alive, in one line: `3 processes, fd 5 of dockerd(812), /run/netns/blue`.
 *
 * @param mntNs the reader's own mount namespace: of a mount in another one that is told, too.
 */
export function describeHolders(row: Row, mntNs: NsRef | null = null): string | null {
  const parts: string[] = []
  const count = (kind: HolderKind): void => {
    const n = row.holderCounts[kind] ?? 0
    const words = COUNTED[kind]
    if (n > 0 && words) parts.push(`${n}${mark(row, kind)} ${words[n === 1 ? 0 : 1]}`)
  }
  count('process')
  parts.push(...new Set(row.holders.flatMap((holder) => describe(holder, mntNs) ?? [])))
  count('child')
  count('owned')
  return parts.length > 0 ? parts.join(', ') : null
}

/** After a number: `+` there may be more, `~` it rests on inference. `sort -n` and awk still read it. */
export function mark({ atLeast, inferred }: Row, kind: HolderKind): '' | '+' | '~' {
  const field = `holderCounts.${kind}`
  if (atLeast.includes(field)) return '+'
  return inferred.includes(field) ? '~' : ''
}

function describe(holder: HolderRow, mntNs: NsRef | null): string | null {
  const { process } = holder
  const who = process ? `${process.comm}(${process.pid})` : 'a process that has ended'
  return PHRASES[holder.kind]?.(holder, who, mntNs) ?? null
}

type Phrase = (holder: HolderRow, who: string, mntNs: NsRef | null) => string

const PHRASES: Readonly<Partial<Record<HolderKind, Phrase>>> = {
  thread: ({ process }, who) => `${threadOf(process)} of ${who}`,
  forChildren: ({ process }, who) =>
    `children of ${process?.tid ? `${threadOf(process)} of ` : ''}${who}`,
  descriptor: ({ fd, path }, who) => `fd ${fd} of ${who}${path === null ? '' : `, ${path}`}`,
  socket: ({ fd }, who) => `socket ${fd} of ${who}`,
  device: ({ fd }, who) => `tun ${fd} of ${who}`,
  mount({ path, mountNamespace }, _, mntNs) {
    const where = path ?? 'a mount out of reach'
    const away = mntNs !== null && mountNamespace !== null && mountNamespace.inum !== mntNs.inum
    return away ? `${where} in ${formatNsLink('mnt', mountNamespace.inum)}` : where
  },
}

function threadOf(process: HolderRow['process']): string {
  return process?.tid ? `thread ${process.tid}` : 'thread'
}

/** Which marks a listing shows. */
export interface Marks {
  readonly atLeast: boolean
  readonly inferred: boolean
}

const MARKED_COLUMNS: ReadonlySet<string> = new Set(['NPROCS', 'HELD-BY'])

export function marksOf(
  rows: readonly Row[],
  columns: readonly { readonly name: string }[],
): Marks {
  const marked = columns.some(({ name }) => MARKED_COLUMNS.has(name)) ? rows : []
  return {
    atLeast: marked.some((row) => mark(row, 'process') === '+'),
    inferred: marked.some((row) => mark(row, 'process') === '~'),
  }
}
