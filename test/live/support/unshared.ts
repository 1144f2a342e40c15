import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { endByStdin, until, type Watched, watch } from './children.ts'

/** A process in namespaces of its own, that ends with our end of its stdin. */
export interface Unshared {
  readonly pid: number
  /** Runs a command in some of its namespaces, such as `-n`, with the files of this machine. */
  within(namespaces: string, ...command: readonly string[]): string
  end(): Promise<void>
}

const running = new Set<Unshared>()

/** Starts one by unshare(1) with these flags; with `--fork` the process is its child. */
export async function unshared(...flags: readonly string[]): Promise<Unshared> {
  const child = spawn('unshare', [...flags, 'cat'], { stdio: ['pipe', 'ignore', 'pipe'] })
  const watched = watch(child)
  const pid = await until(`unshare ${flags.join(' ')}`, () => {
    if (watched.over()) throw new Error(watched.stderr().trim() || 'unshare ended early')
    return catOf(child.pid as number)
  }).catch(async (error) => {
    await endByStdin(child, watched)
    throw error
  })
  const held: Unshared = {
    pid,
    within: (namespaces, ...command) =>
      execFileSync('nsenter', ['-t', String(pid), namespaces, '--', ...command], {
        encoding: 'utf8',
      }),
    end: () => end(held, child, watched),
  }
  running.add(held)
  return held
}

/** For afterEach. */
export async function endUnshared(): Promise<void> {
  for (const held of [...running]) await held.end()
}

async function end(held: Unshared, child: ChildProcess, watched: Watched): Promise<void> {
  if (running.delete(held)) await endByStdin(child, watched)
}

/** The process itself, or the one below it, once it is what was to be run. */
function catOf(pid: number): number | null {
  if (textOf(`/proc/${pid}/comm`).trim() === 'cat') return pid
  const [child] = textOf(`/proc/${pid}/task/${pid}/children`).split(' ')
  return child ? catOf(Number(child)) : null
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Inode of a namespace of a process. */
export function inumOf(pid: number, link: string): number {
  return Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/${link}`))?.[1])
}
