import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, renameSync, statSync } from 'node:fs'
import { endByStdin, PROJECT, until, watch } from './children.ts'

const SOURCE = `${PROJECT}test/live/capable/capable.c`
const BUILD = `${PROJECT}test/build`

/** What the kernel allows an actor in a namespace; see test/live/capable/capable.c. */
export interface Allowed {
  readonly actor: number
  /** Of the actor. */
  readonly pid: number
  readonly namespace: number
  /** SIOCGSKNS: it has CAP_NET_ADMIN in the user namespace. */
  readonly socket: 0 | 1
  readonly net: 0 | 1
  readonly user: 0 | 1
  readonly both: 0 | 1
}

export interface Actors {
  /** A process in each namespace; the first one is the initial one. */
  readonly holders: readonly number[]
  readonly allowed: readonly Allowed[]
  stop(): Promise<void>
}

/** @param namespaces PARENT:UID each. @param actors NAMESPACE:REAL:EFFECTIVE:CAPS each. */
export async function startActors(
  namespaces: readonly string[],
  actors: readonly string[],
): Promise<Actors> {
  const child = spawn(buildCapable(), [...namespaces, '--', ...actors], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const watched = watch(child)
  const stop = async (): Promise<void> => {
    const status = await endByStdin(child, watched)
    if (status !== 0) throw new Error(`${watched.stderr().trim()} (capable: ${status})`)
  }
  try {
    const lines = await until('the actors', () => {
      if (watched.over()) throw new Error(watched.stderr().trim() || 'capable ended early')
      return watched.stdout().includes('"ready"') ? watched.stdout().trim().split('\n') : null
    })
    const told = lines.map((line) => JSON.parse(line))
    return {
      holders: told.flatMap((each) => (!('actor' in each) && 'pid' in each ? [each.pid] : [])),
      allowed: told.filter((each) => 'actor' in each),
      stop,
    }
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
}

/** The path of the program, compiled if the source is newer than it. */
function buildCapable(): string {
  const path = `${BUILD}/capable`
  const built = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (built >= statSync(SOURCE).mtimeMs) return path
  mkdirSync(BUILD, { recursive: true })
  const temporary = `${path}.${process.pid}`
  const flags = ['-O2', '-static', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Wconversion', '-Werror']
  execFileSync('cc', [...flags, '-o', temporary, SOURCE])
  renameSync(temporary, path)
  return path
}
