import type { AnyContents } from '../contents/contents-types.ts'
import type { NetContents, SocketOwner } from '../contents/net/net-contents.ts'
import { errnoName } from '../host/errno-name.ts'
import type { Host } from '../host/port.ts'
import { type Errno, isGone } from '../kernel/errno.ts'
import type { ContentsPlace } from './contents.ts'
import { addGap, type Draft } from './draft.ts'
import { processReader } from './process-reader.ts'

/** Who of the processes has one of these sockets open, by the inode of the socket. */
function socketOwners(
  host: Host,
  { pids, wanted }: { readonly pids: readonly number[]; readonly wanted: ReadonlySet<number> },
  onFailure: (errno: Errno, pid: number) => void,
): Map<number, SocketOwner[]> {
  const scan = host.scanProcesses({
    pids: Int32Array.from(pids),
    types: [],
    descriptors: false,
    sockets: true,
  })
  for (const [i, errno] of scan.descriptorErrnos.entries()) {
    if (errno !== 0) onFailure(errnoName(errno), pids[i] as number)
  }
  const owners = new Map<number, SocketOwner[]>()
  const { pids: holders, fds, inodes } = scan.sockets
  const reader = processReader(host, onFailure)
  reader.read(
    [...holders].filter((_, i) => wanted.has(inodes[i] as number)),
    { users: false, cmdlineBytes: 0 },
  )
  for (const [i, inode] of inodes.entries()) {
    // Whoever has ended since has no socket open any more.
    const process = wanted.has(inode) ? reader.get(holders[i] as number) : null
    if (!process) continue
    const { pid, startTicks, comm } = process
    const owner = { pid, tid: null, startTicks, comm, fd: fds[i] as number }
    const others = owners.get(inode)
    if (others) others.push(owner)
    else owners.set(inode, [owner])
  }
  return owners
}

/** Gives each listening socket its processes, as far as these are members of its namespace. */
export function withOwners(
  { host, draft }: { readonly host: Host; readonly draft: Draft },
  places: readonly ContentsPlace[],
  found: Map<number, AnyContents>,
): void {
  for (const { inum, pids } of places) {
    const contents = found.get(inum)
    if (contents?.type !== 'net' || contents.listening.length === 0) continue
    let complete = true
    const wanted = new Set(contents.listening.map(({ inode }) => inode))
    const owners = socketOwners(host, { pids, wanted }, (errno, pid) => {
      // Whoever has ended has no socket open any more.
      if (isGone(errno)) return
      complete = false
      addGap(draft, 'contents', { errno, pid })
    })
    found.set(inum, ownedBy(contents, owners, complete))
  }
}

function ownedBy(
  contents: NetContents,
  owners: ReadonlyMap<number, readonly SocketOwner[]>,
  complete: boolean,
): NetContents {
  return {
    ...contents,
    listening: contents.listening.map((row) => ({
      ...row,
      processes: owners.get(row.inode) ?? [],
    })),
    unknown: complete ? contents.unknown : [...contents.unknown, 'listening.processes'],
  }
}
