import { errnoName } from '../host/errno-name.ts'
import type { DescriptorList } from '../host/port.ts'
import { errnoOf, throwIfOurs } from '../host/system-error.ts'
import { isGone } from '../kernel/errno.ts'
import { parseMountinfo } from '../kernel/mountinfo.ts'
import { netFileName } from '../kernel/net-file.ts'
import { formatNsLink } from '../kernel/ns-link.ts'
import type { Context } from './context.ts'
import { addGap, addHolder, addUnidentified, type DraftNamespace } from './draft.ts'
import { wayIn } from './way-in.ts'

/** An open file of some /proc/PID/net; each network namespace has its own inode for it (fs/proc/proc_net.c). */
interface NetFile {
  readonly pid: number
  readonly fd: number
  readonly inode: number
  readonly path: string
  /** Below /proc/PID/net. */
  readonly name: string
}

/**
 * Open files of the /proc/PID/net of another network namespace than their process's: each keeps that namespace
 * alive. Which one it is, the same file tells as it is seen in each of those that are known.
 */
export function collectNetFiles(context: Context, found: readonly DescriptorList[]): void {
  const { draft } = context
  const files = found.flatMap((list) => filesOf(context, list)).filter(isForeign(context))
  const names = new Set(files.map(({ name }) => name))
  for (const name of names) {
    const open = files.filter((file) => file.name === name)
    const places = placesOf(context, name, new Set(open.map(({ inode }) => inode)))
    for (const { pid, fd, inode, path } of open) {
      const ns = places.get(inode)
      if (ns) addHolder(ns, 'descriptor', { pid, fd, path })
    }
    const hidden = new Set(open.flatMap(({ inode }) => (places.has(inode) ? [] : [inode])))
    addUnidentified(draft, 'net', hidden.size)
    if (hidden.size > 0) draft.sources.set('netFiles', 'partial')
  }
}

function filesOf(context: Context, { pids, fds, inodes }: DescriptorList): NetFile[] {
  return Array.from(pids, (pid, i) => ({
    pid,
    fd: fds[i] as number,
    inode: inodes[i] as number,
  })).flatMap((file) => {
    const path = attempt(context, file.pid, ({ procfs }) =>
      procfs.link(`${file.pid}/fd/${file.fd}`),
    )
    const name = path === null ? null : netFileName(path)
    return path === null || name === null ? [] : [{ ...file, path, name }]
  })
}

/** Anybody can give a path like that to a file of theirs: it has to be on a procfs. */
function isForeign(context: Context): (file: NetFile) => boolean {
  const procMounts = new Map<number, ReadonlyMap<number, string>>()
  const fsTypeOf = (pid: number, mount: number): string | undefined => {
    let types = procMounts.get(pid)
    if (!types) {
      types = fsTypes(context, `${pid}/mountinfo`, pid)
      procMounts.set(pid, types)
    }
    return types.get(mount)
  }
  return ({ pid, fd, inode, name }) => {
    const own = attempt(context, pid, ({ procfs }) => procfs.stat(`${pid}/net/${name}`).ino)
    if (own === inode) return false
    const info = attempt(context, pid, ({ procfs }) => procfs.text(`${pid}/fdinfo/${fd}`))
    const mount = Number(/^mnt_id:\t(\d+)$/m.exec(info ?? '')?.[1])
    if (info === null || Number.isNaN(mount)) return false
    const fsType = fsTypeOf(pid, mount) ?? fsTypes(context, 'self/mountinfo', pid).get(mount)
    // Of a mount in a third namespace, or in none.
    if (fsType === undefined) context.draft.sources.set('netFiles', 'partial')
    return fsType === 'proc'
  }
}

function fsTypes(context: Context, file: string, pid: number): Map<number, string> {
  const text = attempt(context, pid, ({ procfs }) => procfs.text(file)) ?? ''
  return new Map(parseMountinfo(text).map(({ id, fsType }) => [id, fsType]))
}

/** Which of the known network namespaces have which of these inodes for the file. */
function placesOf(
  context: Context,
  name: string,
  inodes: ReadonlySet<number>,
): Map<number, DraftNamespace> {
  const places = new Map<number, DraftNamespace>()
  for (const ns of context.draft.namespaces.values()) {
    if (places.size === inodes.size) break
    if (ns.type !== 'net') continue
    const inode = inodeByMember(context, ns, name) ?? inodeInside(context, ns, name)
    if (inode !== null && inodes.has(inode)) places.set(inode, ns)
  }
  return places
}

function inodeByMember(
  context: Context,
  { inum, members }: DraftNamespace,
  name: string,
): number | null {
  const pid = members[0]
  if (pid === undefined) return null
  const inode = attempt(context, pid, ({ procfs }) => procfs.stat(`${pid}/net/${name}`).ino)
  const link = attempt(context, pid, ({ procfs }) => procfs.link(`${pid}/ns/net`))
  return link === formatNsLink('net', inum) ? inode : null
}

function inodeInside({ host, reader }: Context, ns: DraftNamespace, name: string): number | null {
  const handle = wayIn(ns, ns.members.length, reader.get('mnt')) ?? wayIn(ns, 0, reader.get('mnt'))
  if (!handle || !host.inside) return null
  const [answer] = host.inside(handle, [{ ask: 'inode', file: `thread-self/net/${name}` }])
  if (answer === undefined || typeof answer === 'string') return null
  return Number(Buffer.from(answer).readBigUInt64LE())
}

/** Null: gone, or a gap. */
function attempt<T>(
  { host, draft }: Context,
  pid: number,
  read: (host: Context['host']) => T,
): T | null {
  try {
    return read(host)
  } catch (error) {
    const errno = errnoName(errnoOf(error))
    throwIfOurs(errno, 'netFiles')
    if (!isGone(errno) && errno !== 'EINVAL') addGap(draft, 'netFiles', { errno, pid })
    return null
  }
}
