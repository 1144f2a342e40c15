import { endByStdin, until, watch } from './children.ts'

import { type RuntimeContainer, startPiped } from './daemons.ts'
import { childOf, commOf } from './proc.ts'
import { makeFolder, makeRootfs } from './rootfs.ts'

/** The first uid of a machine's user namespace. */
export const NSPAWN_UID = 524_288

/**
 * A machine of systemd-nspawn's, in a user namespace, which nobody registers: without systemd-machined. It
 * ends with our end of its stdin.
 */
export async function startNspawn(
  name: string,
): Promise<RuntimeContainer & { stop(): Promise<void> }> {
  const folder = makeFolder('nspawn')
  const root = makeRootfs(`${folder.path}/root`)
  const child = startPiped([
    ...['systemd-nspawn', '--quiet', '--register=no', '--keep-unit', '--pipe', '--directory', root],
    ...['--machine', name, '--private-network', `--private-users=${NSPAWN_UID}:65536`],
    ...['--private-users-ownership=chown', '/bin/busybox', 'cat'],
  ])
  const watched = watch(child)
  const stop = async () => {
    await endByStdin(child, watched)
    folder.remove()
  }
  try {
    const pid = await until('systemd-nspawn to start', () => {
      if (watched.over()) throw new Error(watched.stderr().trim() || 'it ended early')
      return payloadOf(child.pid as number)
    })
    return { name, id: null, pid, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Its child, once that has become busybox. */
function payloadOf(parent: number): number | null {
  const pid = childOf(parent)
  return pid !== null && commOf(pid) === 'busybox' ? pid : null
}
