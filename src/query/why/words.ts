import { containerLabel } from '../../model/container-label.ts'
import type { Holder, HolderKind, Process, Snapshot } from '../../model/snapshot.ts'

/** One, and several of them. */
export const HOLDER_WORDS: Readonly<Record<HolderKind, readonly [one: string, many: string]>> = {
  process: ['process', 'processes'],
  thread: ['thread', 'threads'],
  forChildren: ['task whose children are born into it', 'tasks whose children are born into it'],
  descriptor: ['descriptor', 'descriptors'],
  socket: ['socket', 'sockets'],
  mount: ['bind mount', 'bind mounts'],
  child: ['child namespace', 'child namespaces'],
  owned: ['owned namespace', 'owned namespaces'],
  device: ['tun device', 'tun devices'],
}

export function countOf(n: number, [one, many]: readonly [one: string, many: string]): string {
  return `${n} ${n === 1 ? one : many}`
}

/** The processes that were looked at closely, in words: `dockerd (812), docker:web`. */
export function naming({
  processes,
}: Pick<Snapshot, 'processes'>): (pid: number | null, short?: boolean) => string {
  const known = new Map(processes.map((process) => [process.pid, process]))
  return (pid, short = false) => {
    if (pid === null) return 'a process that has ended'
    const process = known.get(pid)
    return process ? whoOf(process, short) : `process ${pid}`
  }
}

function whoOf({ comm, pid, container }: Process, short = false): string {
  const label = container && !short ? `, ${containerLabel(container)}` : ''
  return `${comm} (${pid})${label}`
}

/** A path as a shell has to be given it (of bash, where it has control characters). */
export function shellWord(path: string): string {
  if (/^[\w./:@%+=,-]+$/.test(path)) return path
  if (!/[\u0000-\u001f\u007f-\u009f]/.test(path)) return `'${path.replaceAll("'", "'\\''")}'`
  const escaped = path.replace(/[\u0000-\u001f\u007f-\u009f'\\]/g, (character) =>
    /['\\]/.test(character) ? `\\${character}` : bytesOf(character),
  )
  return `$'${escaped}'`
}

function bytesOf(character: string): string {
  return [...Buffer.from(character)].map((b) => `\\x${b.toString(16).padStart(2, '0')}`).join('')
}

/** Those of one process together, in the order in which they were found. */
export function byProcess(holders: readonly Holder[]): Map<number | null, Holder[]> {
  const groups = new Map<number | null, Holder[]>()
  for (const holder of holders) {
    const group = groups.get(holder.pid)
    if (group) group.push(holder)
    else groups.set(holder.pid, [holder])
  }
  return groups
}

/** `fd 5`, `fds 5, 6`, `sockets 7, 9`; of very many only some. */
export function numbersOf(
  word: readonly [one: string, many: string],
  numbers: readonly (number | null)[],
): string {
  const shown = numbers.slice(0, MOST_NUMBERS).join(', ')
  const left = numbers.length - MOST_NUMBERS
  return `${word[numbers.length === 1 ? 0 : 1]} ${shown}${left > 0 ? ` and ${left} more` : ''}`
}

const MOST_NUMBERS = 8
