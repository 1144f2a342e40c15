import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { command, killAll, type RunOptions, type RuntimeContainer, SLEEP } from './daemons.ts'
import { attempt } from './proc.ts'
import { makeFolder, makeRootfs } from './rootfs.ts'

export interface Podman {
  /** Of the command line: `podman ps`. */
  podman(...args: readonly string[]): Promise<string>
  run(name: string, options?: RunOptions): Promise<RuntimeContainer>
  stop(): Promise<void>
}

const IMAGE = 'nsx-test'

/** The limits that podman sets need CAP_SYS_RESOURCE, unless they are below ours. */
const CONFIG = '[containers]\ndefault_ulimits = ["nproc=1024:1024", "nofile=1024:1024"]\n'

/**
 * Podman with all that it has in a folder of its own: rootful, or rootless as this user, who needs neither
 * a name nor further ids. Rootless it makes no cgroups here.
 */
export async function startPodman({ rootless }: { rootless?: number } = {}): Promise<Podman> {
  const folder = makeFolder('podman')
  const at = (name: string) => `${folder.path}/${name}`
  writeFileSync(at('containers.conf'), CONFIG)
  const rootfs = makeRootfs(at('rootfs'))
  const image = ['--owner=0', '--group=0', '-C', rootfs, '-cf', at('image.tar'), '.']
  await command('tar', image)
  mkdirSync(at('run'), { mode: 0o700 })
  const uid = rootless ?? 0
  for (const path of [folder.path, at('run')]) chownSync(path, uid, uid)
  const program = [
    ...['setpriv', '--reuid', uid, '--regid', uid, '--clear-groups', 'podman'].map(String),
    ...['--root', at('root'), '--runroot', at('run/storage'), '--tmpdir', at('run/tmp')],
    ...['--cgroup-manager', 'cgroupfs', '--runtime', 'runc', '--storage-driver', 'vfs'],
    ...['--events-backend', 'file'],
  ]
  const env = {
    ...{ CONTAINERS_CONF: at('containers.conf'), HOME: folder.path },
    ...(rootless === undefined ? {} : { XDG_RUNTIME_DIR: at('run') }),
  }
  const podman = (...args: readonly string[]) =>
    command(program[0] as string, [...program.slice(1), ...args], env)
  const pids: number[] = []
  const stop = async () => {
    try {
      await podman('rm', '--all', '--force', '--time', '0')
      await podman('pod', 'rm', '--all', '--force', '--time', '0')
    } finally {
      await killAll([...pids, ...pauses(at('run/tmp/pause.pid'))])
      folder.remove()
    }
  }
  try {
    await podman('import', at('image.tar'), IMAGE)
    return {
      podman,
      stop,
      async run(name, { uid: inner = 0, options = ['--network', 'none'] } = {}) {
        const user = ['--user', String(inner)]
        const args = ['run', '--detach', '--name', name, ...user, ...options, IMAGE]
        const id = await podman(...args, ...SLEEP)
        const pid = Number(await podman('inspect', '--format', '{{.State.Pid}}', name))
        pids.push(pid)
        return { name, id, pid }
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What keeps the user namespace of a rootless podman. */
function pauses(file: string): number[] {
  const pid = attempt(() => Number(readFileSync(file, 'utf8')))
  return pid ? [pid] : []
}

/** For one test; everything is gone afterwards. */
export async function withPodman<T>(
  options: { rootless?: number },
  use: (podman: Podman) => Promise<T>,
): Promise<T> {
  const podman = await startPodman(options)
  try {
    return await use(podman)
  } finally {
    await podman.stop()
  }
}
