import { endByStdin, until, watch } from './children.ts'
import { type RuntimeContainer, startPiped } from './daemons.ts'
import { childOf, commOf } from './proc.ts'

/** A sandbox of firejail's; its user must have a name. It ends with our end of its stdin. */
export async function startFirejail(
  name: string,
  { uid }: { uid: number },
): Promise<RuntimeContainer & { stop(): Promise<void> }> {
  const options = ['--quiet', '--noprofile', `--name=${name}`]
  const child = startPiped(['firejail', ...options, '/bin/busybox', 'cat'], { uid })
  const watched = watch(child)
  const stop = async () => {
    await endByStdin(child, watched)
  }
  try {
    const pid = await until('firejail to start', () => {
      if (watched.over()) throw new Error(watched.stderr().trim() || 'it ended early')
      const inner = childOf(child.pid as number)
      const payload = inner && childOf(inner)
      return payload && commOf(payload) === 'busybox' ? payload : null
    })
    return { name, id: null, pid, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
