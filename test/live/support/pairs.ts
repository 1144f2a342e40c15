import { spawn, spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { endByStdin, until, watch } from './children.ts'
import { makeBundle } from './containers.ts'
import { buildZoo } from './zoo.ts'

/** What the kernel let one prober do to another; see test/live/zoo/pairs.c. */
export interface Outcome {
  readonly a: number
  readonly b: number
  /** The pid by which A knows B; 0: by none. */
  readonly see: number
  readonly signal: number
  readonly trace: number
  readonly localhost: number
  readonly abstract: number
  readonly sysv: number
  readonly queue: number
  /** -1, here and of `mount`: it could not be tried. */
  readonly shm: number
  readonly host: number
  readonly clock: number
  /** Of a file of B's user, as A sees it. */
  readonly uid: number
  readonly mount: number
}

export interface Probers {
  /** In the order of the specs. */
  readonly pids: readonly number[]
  /** Tries every one on every other, once. */
  tryAll(): Promise<readonly Outcome[]>
  stop(): Promise<void>
}

/** A prober for each spec; `bwrap` and `runc[:ROOTUID]` stand for one in such a container. */
export async function startProbers(specs: readonly string[]): Promise<Probers> {
  const base = 21_000 + (process.pid % 150) * 64
  const zoo = buildZoo()
  const bundles: { id: string; path: string }[] = []
  const words = specs.map((spec, index) => {
    if (spec === 'bwrap') {
      const options = '--unshare-all --die-with-parent --hostname box --ro-bind / / --cap-drop ALL'
      return `exec:bwrap ${options} ${zoo} prober ${base}`
    }
    const runc = /^runc(?::(\d+))?$/.exec(spec)
    if (!runc) return spec
    const id = `nsx-pairs-${base}-${index}`
    const args = ['/bin/zoo', 'prober', String(base), String(index)]
    const path = makeBundle(id, {
      rootUid: runc[1] ? Number(runc[1]) : undefined,
      program: zoo,
      args,
    })
    bundles.push({ id, path })
    return `exec:runc run --preserve-fds 1 --bundle ${path} ${id}`
  })
  const child = spawn(zoo, ['pairs', String(base), ...words], { stdio: ['pipe', 'pipe', 'pipe'] })
  const watched = watch(child)
  const lines = () => watched.stdout().split('\n').slice(0, -1)
  const await_ = (what: string, count: number) =>
    until(what, () => {
      if (watched.over()) throw new Error(watched.stderr().trim() || 'zoo pairs ended early')
      return lines().length >= count ? lines() : null
    })
  const stop = async () => {
    const status = await endByStdin(child, watched)
    for (const { id, path } of bundles) {
      spawnSync('runc', ['delete', '--force', id])
      rmSync(path, { recursive: true, force: true })
    }
    if (status !== 0) throw new Error(`${watched.stderr().trim()} (zoo pairs: ${status})`)
  }
  try {
    const started = await await_('the probers', specs.length)
    return {
      ...{ stop, pids: started.map((line) => (JSON.parse(line) as { pid: number }).pid) },
      async tryAll() {
        child.stdin.write('go\n')
        const all = await await_('the trials', specs.length * specs.length)
        return all.slice(specs.length).map((line) => JSON.parse(line) as Outcome)
      },
    }
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
}
