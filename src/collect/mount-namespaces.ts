import { errnoName } from '../host/errno-name.ts'
import type { MountNamespaces } from '../host/port.ts'
import { errnoOf, throwIfOurs } from '../host/system-error.ts'
import { isGone } from '../kernel/errno.ts'
import { parseMountinfo } from '../kernel/mountinfo.ts'
import { formatNsLink, parseNsLink } from '../kernel/ns-link.ts'
import { parseStatmounts } from '../kernel/statmount.ts'
import type { Context } from './context.ts'
import { addGap, addHolder, type DraftNamespace, namespaceOf } from './draft.ts'
import { addFacts } from './facts.ts'
import { addNewcomers } from './newcomers.ts'
import { wayIn } from './way-in.ts'

/** A mount as far as it matters here, of mountinfo or statmount(2). */
interface Mount {
  readonly fsType: string | null
  readonly root: string | null
  readonly mountPoint: string | null
}

/** A mount namespace with so many members in a chroot is nobody's idea. */
const MOST_MEMBERS = 8

/**
 * Bind mounts of namespaces in every mount namespace, and the mount namespaces that nothing else shows. The
 * kernel names them all to root of the initial PID namespace (NS_MNT_GET_NEXT, Linux 6.12); else those
 * are looked through to which a way is known, and there may be others.
 */
export function collectMountNamespaces(context: Context): void {
  const { host, draft, reader } = context
  draft.sources.set('mountNamespaces', 'read')
  const walked = host.mountNamespaces?.() ?? 'ENOSYS'
  const seen = new Set([reader.get('mnt')])
  if (typeof walked === 'string') {
    throwIfOurs(walked, 'mountNamespaces')
    draft.sources.set('mountNamespaces', 'partial')
  } else {
    addWalked(context, walked)
    for (const inum of walked.inums) seen.add(inum)
  }
  for (const ns of [...draft.namespaces.values()]) {
    if (ns.type === 'mnt' && !seen.has(ns.inum)) readMounts(context, ns)
  }
}

function addWalked(context: Context, { inums, mounts, facts }: MountNamespaces): void {
  const { draft, reader } = context
  for (const inum of inums) namespaceOf(draft, 'mnt', inum)
  for (const { inum, bytes } of mounts) {
    // What stands in our own has been booked, as we see it.
    if (inum === reader.get('mnt')) continue
    if (typeof bytes === 'string') addGap(draft, 'mountNamespaces', { errno: bytes })
    else addMounts(context, inum, parseStatmounts(bytes) ?? [])
  }
  addFacts(context, facts)
  settle(context, new Set(inums))
}

/** Of what was found after the scan: who is in it now, and whether it is there still. */
function settle(context: Context, walked: ReadonlySet<number>): void {
  const { host, draft } = context
  const isEmpty = ({ inum, members, holders }: DraftNamespace) =>
    walked.has(inum) && members.length + holders.length === 0
  const empty = () => [...draft.namespaces.values()].filter(isEmpty)
  if (empty().length === 0) return
  addNewcomers(context, empty())
  const left = empty()
  const again = left.length > 0 ? host.mountNamespaces?.() : null
  if (!again || typeof again === 'string') return
  const ids = new Map(again.facts.map((fact) => [fact.inum, fact.id]))
  for (const { inum, id } of left) if (ids.get(inum) !== id) draft.namespaces.delete(inum)
}

function addMounts({ draft, request }: Context, namespace: number, mounts: readonly Mount[]): void {
  for (const { fsType, root, mountPoint } of mounts) {
    const link = fsType === 'nsfs' && root !== null ? parseNsLink(root) : null
    if (!link || !request.types.includes(link.type)) continue
    const ns = namespaceOf(draft, link.type, link.inum)
    addHolder(ns, 'mount', { path: mountPoint, namespace })
  }
}

function readMounts(context: Context, ns: DraftNamespace): void {
  const mounts = readByHandle(context, ns) ?? readByMembers(context, ns)
  if (mounts) addMounts(context, ns.inum, mounts)
  else context.draft.sources.set('mountNamespaces', 'partial')
}

/** Null: it has to be read otherwise. */
function readByHandle({ host, reader }: Context, ns: DraftNamespace): readonly Mount[] | null {
  if (!host.statmount) return null
  for (let n = 0; n < MOST_MEMBERS; n++) {
    const handle = wayIn(ns, n, reader.get('mnt'))
    if (!handle) break
    const bytes = host.statmount(handle)
    if (typeof bytes !== 'string') return parseStatmounts(bytes)
    throwIfOurs(bytes, 'mountNamespaces')
    if (bytes === 'ENOSYS') break
  }
  return null
}

/** A member in a chroot shows only what is mounted below its root: then another one is asked. */
function readByMembers(context: Context, { inum, members }: DraftNamespace): Mount[] | null {
  for (const pid of members.slice(0, MOST_MEMBERS)) {
    const mounts = readMountinfo(context, pid)
    if (!mounts?.some(({ mountPoint }) => mountPoint === '/')) continue
    if (isStillIn(context, pid, inum)) return mounts
  }
  return null
}

function readMountinfo({ host, draft }: Context, pid: number): Mount[] | null {
  try {
    return parseMountinfo(host.procfs.text(`${pid}/mountinfo`))
  } catch (error) {
    const errno = errnoName(errnoOf(error))
    // EINVAL: it has exited, but nobody has waited for it.
    if (errno !== 'EINVAL') addGap(draft, 'mountNamespaces', { errno, pid })
    return null
  }
}

function isStillIn({ host }: Context, pid: number, inum: number): boolean {
  try {
    return host.procfs.link(`${pid}/ns/mnt`) === formatNsLink('mnt', inum)
  } catch (error) {
    const errno = errnoName(errnoOf(error))
    throwIfOurs(errno, 'mountNamespaces')
    return !isGone(errno)
  }
}
