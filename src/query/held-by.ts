import type { HolderKind } from '../model/snapshot.ts'
import type { HolderRow, Row } from './rows.ts'

/** Kinds of which only the number is told, in one line of a listing. */
const COUNTED: Readonly<Partial<Record<HolderKind, [one: string, many: string]>>> = {
  process: ['process', 'processes'],
  child: ['child', 'children'],
  owned: ['owned namespace', 'owned namespaces'],
}

/** What keeps a namespace alive, in one line: `3 processes, fd 5 of dockerd(812), /run/netns/blue`. */
export function describeHolders(row: Row): string | null {
  const parts: string[] = []
  const count = (kind: HolderKind): void => {
    const n = row.holderCounts[kind] ?? 0
    const words = COUNTED[kind]
    if (n > 0 && words) parts.push(`${n}${mark(row, kind)} ${words[n === 1 ? 0 : 1]}`)
  }
  count('process')
  parts.push(...new Set(row.holders.flatMap((holder) => describe(holder) ?? [])))
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

function describe({ kind, process, fd, path }: HolderRow): string | null {
  const who = process ? `${process.comm}(${process.pid})` : 'a process that has ended'
  if (kind === 'mount') return path
  if (kind === 'descriptor') return `fd ${fd} of ${who}`
  if (kind === 'socket') return `socket ${fd} of ${who}`
  if (kind === 'thread')
    return process?.tid ? `thread ${process.tid} of ${who}` : `thread of ${who}`
  return null
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
