import type { Host } from '../host/port.ts'
import { parseMountinfo } from '../kernel/mountinfo.ts'
import { parseStatmounts } from '../kernel/statmount.ts'
import type { Subject } from '../model/subject.ts'
import { isChrooted } from './chrooted.ts'
import { processNamespaces } from './context.ts'
import { attempt } from './task-links.ts'

/**
 * Whether the root directory of a task is another one than that of its mount namespace, also where nobody else
 * in that one is known: statmount(2) tells of all its mounts where each stands, seen from its own root. Of the
 * reader's own mount namespace it tells that as seen from the root of the reader, which may be the same chroot
 * (grab_requested_root() in fs/namespace.c).
 *
 * @returns null where it cannot be told
 */
export function isChrootedAnywhere(host: Host, { pid, links }: Subject): boolean | null {
  const told = isChrooted(host, String(pid))
  const { mnt: inum } = links
  if (told !== null || inum === undefined || !host.statmount || isOwn(host, inum)) return told
  const mountinfo = attempt(
    () => parseMountinfo(host.procfs.text(`${pid}/mountinfo`)),
    `process ${pid}`,
  )
  const own = ('value' in mountinfo && mountinfo.value?.findLast(isRoot)) || null
  const answer = host.statmount({ kind: 'link', pid, type: 'mnt', inum })
  const all = typeof answer === 'string' ? null : parseStatmounts(answer)
  const root = all?.find(({ id }) => id === own?.id)
  return root ? !isRoot(root) : null
}

function isOwn(host: Host, inum: number): boolean {
  const { readerPid } = host
  return readerPid === null || processNamespaces(host, readerPid).inums.get('mnt') === inum
}

function isRoot({ mountPoint }: { readonly mountPoint: string | null }): boolean {
  return mountPoint === '/'
}
