import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import type { NsType } from '../../../src/kernel/namespace-types.ts'
import { endByStdin, PROJECT, until, watch } from './children.ts'

const SOURCES = `${PROJECT}test/live/zoo`
const BUILD = `${PROJECT}test/build`
const ZOO = `${BUILD}/zoo`

/** What test/live/zoo holds for us; see the comments of its holders. */
export interface Held {
  /** The process that holds the namespace. */
  readonly pid: number
  readonly holder: string
  /** Null: the holder holds no namespace. */
  readonly type: NsType | null
  /** 0: none. */
  readonly inum: number
  /** -1: not held by a descriptor. */
  readonly fd: number
  /** ancestor: the user namespace with the process. */
  readonly inner?: number
  /** owner: the namespace with the process, owned by the one that is held. */
  readonly owned?: number
  readonly ownedType?: NsType
  /** socket: its address family, its inode in sockfs, and the cookie of its network namespace. */
  readonly family?: string
  readonly socket?: number
  readonly cookie?: string
  /** cmdline: the length of the command line. */
  readonly bytes?: number
  /** descriptors: how many. */
  readonly count?: number
  /** fuse: the pid of the silent server; whether stat of the descriptor was seen to hang. */
  readonly server?: number
  readonly hangs?: boolean
  /** stray, headless, headless-descriptor: the thread that holds it. */
  readonly tid?: number
  /** elsewhere: the mount namespace in which it is mounted, at `path`. */
  readonly mnt?: number
  /** fuse-mount: where, in the mount namespace of the process. */
  readonly path?: string
  /** Takes everything down; rejects if that fails. */
  release(): Promise<void>
}

const holding = new Set<Held>()

/** The path of the program, compiled if a source is newer than it. */
export function buildZoo(): string {
  const sources = readdirSync(SOURCES).map((name) => `${SOURCES}/${name}`)
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs))
  if ((statSync(ZOO, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= newest) return ZOO
  mkdirSync(BUILD, { recursive: true })
  const temporary = `${ZOO}.${process.pid}`
  const flags = ['-O2', '-static', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Wconversion', '-Werror']
  const inputs = sources.filter((path) => path.endsWith('.c'))
  execFileSync('cc', [...flags, '-o', temporary, ...inputs, '-lm', '-lrt'])
  renameSync(temporary, ZOO)
  return ZOO
}

/** Starts a holder; resolves when what it holds is in place. */
export function hold(holder: string, ...args: string[]): Promise<Held> {
  return holdAs(0, holder, ...args)
}

/** As `hold`, with a holding process of this uid (and gid), without capabilities. */
export async function holdAs(uid: number, holder: string, ...args: string[]): Promise<Held> {
  const child = spawn(buildZoo(), ['--uid', String(uid), holder, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const watched = watch(child)
  try {
    const line = await until(`zoo ${holder} ${args.join(' ')}`, () => {
      if (watched.over()) throw new Error(watched.stderr().trim() || `zoo ${holder} ended early`)
      return watched.stdout().includes('\n') ? watched.stdout() : null
    })
    const held: Held = {
      ...JSON.parse(line),
      release: async () => {
        if (!holding.delete(held)) return
        const status = await endByStdin(child, watched)
        if (status !== 0) throw new Error(`${watched.stderr().trim()} (zoo ended with ${status})`)
      },
    }
    holding.add(held)
    return held
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

/** For afterEach. */
export async function releaseAll(): Promise<void> {
  for (const held of [...holding]) await held.release()
}
