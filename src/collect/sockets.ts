import { errnoName } from '../host/errno-name.ts'
import type { DescriptorList } from '../host/port.ts'
import { isGone } from '../kernel/errno.ts'
import type { Context } from './context.ts'
import { addGap, addHolder, namespaceOf } from './draft.ts'
import { addFacts } from './facts.ts'
import { homesOf } from './homes.ts'
import { listedSockets } from './socket-tables.ts'

/**
 * Sockets of another network namespace than their process's: each keeps its namespace alive.
 *
 * The tables of the process's own namespace list most of them, so that only the others must be asked
 * one by one (a TCP socket is in no table before bind(2), a unix socket never in a trusted one).
 */
export function collectSockets(context: Context, found: readonly DescriptorList[]): void {
  const { draft, host } = context
  draft.sources.set('sockets', 'read')
  const sockets = found.flatMap(rowsOf)
  if (sockets.length === 0) return
  const homes = homesOf(draft, new Set(sockets.map((socket) => socket.pid)))
  const listed = listedSockets(context, byHome(sockets, homes), host.socketNamespaces === null)
  const unlisted: Socket[] = []
  for (const socket of sockets) {
    const inum = listed.get(socket.inode)
    if (inum === undefined) unlisted.push(socket)
    else if (inum !== homes.get(socket.pid)) addSocket(context, socket, inum)
  }
  if (unlisted.length === 0) return
  if (host.socketNamespaces) askOneByOne(context, unlisted, homes)
  else draft.sources.set('sockets', 'partial')
}

interface Socket {
  readonly pid: number
  readonly fd: number
  readonly inode: number
}

function rowsOf(list: DescriptorList): Socket[] {
  return Array.from(list.pids, (pid, i) => ({
    pid,
    fd: list.fds[i] as number,
    inode: list.inodes[i] as number,
  }))
}

function byHome(
  sockets: readonly Socket[],
  homes: ReadonlyMap<number, number>,
): Map<number, Set<number>> {
  const inodes = new Map<number, Set<number>>()
  for (const { pid, inode } of sockets) {
    const home = homes.get(pid)
    if (home === undefined) continue
    const set = inodes.get(home) ?? new Set()
    inodes.set(home, set.add(inode))
  }
  return inodes
}

function addSocket({ draft }: Context, { pid, fd }: Socket, inum: number): void {
  addHolder(namespaceOf(draft, 'net', inum), 'socket', { pid, fd })
}

function askOneByOne(
  context: Context,
  sockets: readonly Socket[],
  homes: ReadonlyMap<number, number>,
): void {
  const answer = context.host.socketNamespaces?.({
    pids: Int32Array.from(sockets, (socket) => socket.pid),
    fds: Int32Array.from(sockets, (socket) => socket.fd),
    inodes: Float64Array.from(sockets, (socket) => socket.inode),
  })
  if (!answer) return
  for (const [i, socket] of sockets.entries()) {
    const inum = answer.inums[i] as number
    if (inum !== 0) {
      if (inum !== homes.get(socket.pid)) addSocket(context, socket, inum)
      continue
    }
    const errno = errnoName(answer.errnos[i] as number)
    // Closed meanwhile, or the descriptor is another one by now.
    if (isGone(errno) || errno === 'EBADF' || errno === 'ESTALE') continue
    addGap(context.draft, 'sockets', { errno, pid: socket.pid })
  }
  addFacts(context, answer.facts)
}
