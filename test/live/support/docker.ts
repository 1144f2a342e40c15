import { existsSync, writeFileSync } from 'node:fs'
import { until } from './children.ts'
import {
  command,
  endDaemon,
  type RunOptions,
  type RuntimeContainer,
  SLEEP,
  startDaemon,
} from './daemons.ts'
import { makeFolder, makeRootfs } from './rootfs.ts'

export interface Docker {
  /** Of the command line: `docker ps`. */
  docker(...args: readonly string[]): Promise<string>
  run(name: string, options?: RunOptions): Promise<RuntimeContainer>
  stop(): Promise<void>
}

const IMAGE = 'nsx-test'

/**
 * dockerd with all that it has in a folder of its own, and in network and mount namespaces of its own,
 * so that the bridges, rules and mounts of the host are left alone.
 */
export async function startDocker(): Promise<Docker> {
  const folder = makeFolder('docker')
  const at = (name: string) => `${folder.path}/${name}`
  const host = `unix://${at('docker.sock')}`
  writeFileSync(at('none.json'), '{}')
  const daemon = startDaemon([
    ...['unshare', '--net', '--mount', 'dockerd', '--host', host, '--pidfile', at('pid')],
    ...['--data-root', at('data'), '--exec-root', at('exec'), '--log-level', 'error'],
    ...['--iptables=false', '--ip6tables=false', '--config-file', at('none.json')],
  ])
  const docker = (...args: readonly string[]) =>
    command('docker', args, { DOCKER_HOST: host, DOCKER_CONFIG: at('client') })
  const stop = async () => {
    try {
      // A container that ignores SIGTERM would keep dockerd for ten seconds.
      const ids = daemon.watched.over() ? '' : await docker('ps', '--all', '--quiet')
      if (ids !== '') await docker('rm', '--force', ...ids.split('\n'))
    } finally {
      await endDaemon(daemon)
      folder.remove()
    }
  }
  try {
    await until('dockerd to answer', () => {
      if (daemon.watched.over()) throw new Error(daemon.watched.stderr().trim())
      return existsSync(at('docker.sock')) || null
    })
    const rootfs = makeRootfs(at('rootfs'))
    await command('tar', ['-C', rootfs, '-cf', at('image.tar'), '.'])
    await docker('import', at('image.tar'), IMAGE)
    return {
      docker,
      stop,
      async run(name, { uid = 0, options = ['--network', 'none'] } = {}) {
        const user = ['--user', String(uid)]
        const args = ['run', '--detach', '--name', name, ...user, ...options, IMAGE, ...SLEEP]
        const id = await docker(...args)
        const pid = Number(await docker('inspect', '--format', '{{.State.Pid}}', name))
        return { name, id, pid }
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** For one test; everything is gone afterwards. */
export async function withDocker<T>(use: (docker: Docker) => Promise<T>): Promise<T> {
  const docker = await startDocker()
  try {
    return await use(docker)
  } finally {
    await docker.stop()
  }
}
