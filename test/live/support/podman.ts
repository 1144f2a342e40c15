import { writeFileSync } from 'node:fs'
import { command, killAll, type RunOptions, type RuntimeContainer, SLEEP } from './daemons.ts'
import { makeFolder, makeRootfs } from './rootfs.ts'

export interface Podman {
  /** Of the command line: `podman ps`. */
  podman(...args: readonly string[]): Promise<string>
  run(name: string, options?: RunOptions): Promise<RuntimeContainer>
  stop(): Promise<void>
}

export const PODMAN_IMAGE = 'nsx-test'

/** The limits that podman sets need CAP_SYS_RESOURCE, unless they are below ours. */
const CONFIG = '[containers]\ndefault_ulimits = ["nproc=1024:1024", "nofile=1024:1024"]\n'

/** Podman, rootful, with all that it has in a folder of its own. */
export async function startPodman(): Promise<Podman> {
  const folder = makeFolder('podman')
  const at = (name: string) => `${folder.path}/${name}`
  writeFileSync(at('containers.conf'), CONFIG)
  const own = [
    ...['--root', at('root'), '--runroot', at('run'), '--tmpdir', at('tmp')],
    ...['--cgroup-manager', 'cgroupfs', '--runtime', 'runc', '--storage-driver', 'vfs'],
    ...['--events-backend', 'file'],
  ]
  const podman = (...args: readonly string[]) =>
    command('podman', [...own, ...args], { CONTAINERS_CONF: at('containers.conf') })
  const pidOf = async (name: string): Promise<number> =>
    Number(await podman('inspect', '--format', '{{.State.Pid}}', name))
  const pids: number[] = []
  const stop = async () => {
    try {
      await podman('rm', '--all', '--force', '--time', '0')
      await podman('pod', 'rm', '--all', '--force', '--time', '0')
    } finally {
      await killAll(pids)
      folder.remove()
    }
  }
  try {
    const rootfs = makeRootfs(at('rootfs'))
    await command('tar', ['-C', rootfs, '-cf', at('image.tar'), '.'])
    await podman('import', at('image.tar'), PODMAN_IMAGE)
    return {
      podman,
      stop,
      async run(name, { uid = 0, options = ['--network', 'none'] } = {}) {
        const user = ['--user', String(uid)]
        const args = [
          'run',
          '--detach',
          '--name',
          name,
          ...user,
          ...options,
          PODMAN_IMAGE,
          ...SLEEP,
        ]
        const id = await podman(...args)
        const pid = await pidOf(name)
        pids.push(pid)
        return { name, id, pid }
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** For one test; everything is gone afterwards. */
export async function withPodman<T>(use: (podman: Podman) => Promise<T>): Promise<T> {
  const podman = await startPodman()
  try {
    return await use(podman)
  } finally {
    await podman.stop()
  }
}
