import { existsSync, writeFileSync } from 'node:fs'
import { until } from './children.ts'
import {
  command,
  endDaemon,
  killAll,
  type RuntimeContainer,
  SLEEP,
  startDaemon,
} from './daemons.ts'
import { makeFolder, makeRootfs } from './rootfs.ts'

/** What nobody else is called. */
const NAMESPACE = 'nsx-test'

/** A container of containerd alone, with all that containerd has in a folder of its own. */
export async function startCtr(
  name: string,
  { labels = [] }: { labels?: readonly string[] } = {},
): Promise<RuntimeContainer & { stop(): Promise<void> }> {
  const folder = makeFolder('containerd')
  const at = (file: string) => `${folder.path}/${file}`
  writeFileSync(
    at('config.toml'),
    `version = 2\nroot = "${at('root')}"\nstate = "${at('state')}"\n` +
      'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n' +
      `[grpc]\naddress = "${at('socket')}"\n`,
  )
  const rootfs = makeRootfs(at('rootfs'))
  const daemon = startDaemon(['containerd', '--config', at('config.toml'), '--log-level', 'error'])
  const ctr = (...args: readonly string[]) =>
    command('ctr', ['--address', at('socket'), '--namespace', NAMESPACE, ...args])
  const pids: number[] = []
  const stop = async () => {
    try {
      await killAll(pids)
      if (pids.length > 0) await ctr('task', 'rm', '--force', name)
    } finally {
      await endDaemon(daemon)
      folder.remove()
    }
  }
  try {
    await until('containerd to answer', () => {
      if (daemon.watched.over()) throw new Error(daemon.watched.stderr().trim())
      return existsSync(at('socket')) || null
    })
    const options = ['--detach', ...labels.flatMap((l) => ['--label', l])]
    await ctr('run', ...options, '--rootfs', rootfs, name, ...SLEEP)
    const tasks = await ctr('task', 'ls')
    const pid = Number(
      tasks
        .split('\n')
        .map((line) => line.split(/\s+/))
        .find(([id]) => id === name)?.[1],
    )
    pids.push(pid)
    return { name, id: name, pid, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
