import { errnoName } from '../host/errno-name.ts'
import type { DescriptorList } from '../host/port.ts'
import { isGone } from '../kernel/errno.ts'
import type { Context } from './context.ts'
import { addGap, addHolder, namespaceOf } from './draft.ts'
import { addFacts } from './facts.ts'
import { homesOf } from './homes.ts'

/**
 * Descriptors of /dev/net/tun that belong to another network namespace than their process's: each keeps the
 * one in which it was opened (tun_chr_open()), whether it is attached to an interface or not.
 */
export function collectDevices(context: Context, found: readonly DescriptorList[]): void {
  const { host, draft } = context
  const pids = found.flatMap((list) => [...list.pids])
  if (pids.length === 0) return
  if (!host.deviceNamespaces) {
    draft.sources.set('devices', 'partial')
    return
  }
  const fds = found.flatMap((list) => [...list.fds])
  const homes = homesOf(draft, new Set(pids))
  const answer = host.deviceNamespaces({
    ...{ pids: Int32Array.from(pids), fds: Int32Array.from(fds) },
    inodes: Float64Array.from(found.flatMap((list) => [...list.inodes])),
  })
  for (const [i, pid] of pids.entries()) {
    const inum = answer.inums[i] as number
    const fd = fds[i] as number
    if (inum === 0) {
      const errno = errnoName(answer.errnos[i] as number)
      const closed = isGone(errno) || errno === 'EBADF' || errno === 'ESTALE'
      if (!closed) addGap(draft, 'devices', { errno, pid })
    } else if (inum !== homes.get(pid)) {
      addHolder(namespaceOf(draft, 'net', inum), 'device', { pid, fd })
    }
  }
  addFacts(context, answer.facts)
}
