import { errnoName } from '../host/errno-name.ts'
import type { Host } from '../host/port.ts'
import { errnoOf, throwIfOurs } from '../host/system-error.ts'
import { parseMountinfo } from '../kernel/mountinfo.ts'
import { isInitialInum } from '../kernel/namespace-types.ts'
import { parseCredentials } from '../kernel/proc-status.ts'

/** CAP_SYS_PTRACE (capabilities(7)). */
const SYS_PTRACE = 1n << 19n

/** The values of hidepid with which a process is not even listed (proc(5)). */
const HIDING = /(?:^|,)hidepid=(?:2|4|invisible|ptraceable)(?:,|$)/

/**
 * Whether this procfs leaves out the processes of others from what we see: its listing then is shorter
 * without a word, so that only the mount option tells.
 */
export function hidesProcesses(host: Host, userNs: number | undefined): boolean {
  try {
    const credentials = parseCredentials(host.procfs.bytes('self/status'))
    const powerful = credentials !== null && (credentials.effective & SYS_PTRACE) !== 0n
    // Over processes outside of our own user namespace a capability says nothing.
    if (powerful && userNs !== undefined && isInitialInum(userNs)) return false
    const mounts = parseMountinfo(host.procfs.text('self/mountinfo'))
    const options = mounts.findLast((mount) => mount.mountPoint === host.procfs.root)?.options ?? ''
    const gid = /(?:^|,)gid=(\d+)(?:,|$)/.exec(options)?.[1]
    return HIDING.test(options) && !(gid && credentials?.gids.has(Number(gid)))
  } catch (error) {
    // A procfs that shows no `self`: nothing says that it hides others.
    throwIfOurs(errnoName(errnoOf(error)), 'self')
    return false
  }
}
