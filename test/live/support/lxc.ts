import { mkdirSync, writeFileSync } from 'node:fs'
import { command, killAll, type RuntimeContainer, SLEEP } from './daemons.ts'
import { makeFolder, makeRootfs } from './rootfs.ts'

/** A container of LXC's; what runs in it has this uid. */
export async function startLxc(
  name: string,
  { uid = 0 }: { uid?: number } = {},
): Promise<RuntimeContainer & { stop(): Promise<void> }> {
  const folder = makeFolder('lxc')
  const rootfs = makeRootfs(`${folder.path}/rootfs`)
  mkdirSync(`${folder.path}/${name}`)
  const config = {
    'lxc.uts.name': name,
    'lxc.rootfs.path': `dir:${rootfs}`,
    'lxc.net.0.type': 'empty',
    'lxc.init.cmd': SLEEP.join(' '),
    'lxc.init.uid': uid,
    'lxc.init.gid': uid,
    'lxc.apparmor.profile': 'unconfined',
    'lxc.mount.auto': 'proc:mixed',
  }
  const lines = Object.entries(config).map(([key, value]) => `${key} = ${value}\n`)
  writeFileSync(`${folder.path}/${name}/config`, lines.join(''))
  const own = ['--lxcpath', folder.path, '--name', name]
  const pids: number[] = []
  const stop = async () => {
    // It may have ended, or never have started.
    await command('lxc-stop', [...own, '--kill']).catch(() => undefined)
    await killAll(pids)
    folder.remove()
  }
  try {
    await command('lxc-start', own)
    const pid = Number(await command('lxc-info', [...own, '--pid', '--no-humanize']))
    pids.push(pid)
    return { name, id: null, pid, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
