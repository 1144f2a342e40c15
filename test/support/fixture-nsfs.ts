import { existsSync, readdirSync } from 'node:fs'
import type {
  DescribeOptions,
  Description,
  DescriptorList,
  NsFacts,
  NsHandle,
  SocketNamespaces,
} from '../../src/host/port.ts'
import { parseMountinfo } from '../../src/kernel/mountinfo.ts'
import { parseNsLink } from '../../src/kernel/ns-link.ts'
import { errnoNumber, type FixtureProcfs, readNsfs } from './fixture-procfs.ts'

/** What nsfs and the sockets of a machine would answer, out of its nsfs.json. */
export interface FixtureNsfs {
  describe(requests: readonly NsHandle[], options: DescribeOptions): Description
  socketNamespaces(sockets: DescriptorList): SocketNamespaces
  deviceNamespaces(devices: DescriptorList): SocketNamespaces
}

export function fixtureNsfs(procfs: FixtureProcfs): FixtureNsfs {
  const { namespaces, sockets, hidden } = readNsfs(procfs.machine)
  const facts = new Map(namespaces.map((row) => [row.inum, row]))
  const found = (inums: readonly number[]): SocketNamespaces => ({
    inums: Uint32Array.from(inums),
    errnos: Uint8Array.from(inums, (inum) => (inum === 0 ? errnoNumber('EBADF') : 0)),
    facts: closure(
      inums.filter((inum) => inum !== 0),
      facts,
    ),
  })
  return {
    describe(requests, { nsid }) {
      const answers = requests.map((request) => locate(procfs, request))
      return {
        inums: Uint32Array.from(answers, (answer) => (typeof answer === 'number' ? answer : 0)),
        errnos: Uint8Array.from(answers, (answer) =>
          typeof answer === 'number' ? 0 : answer.errno,
        ),
        facts: closure(answers, facts).map((row) => (nsid ? row : { ...row, nsid: null })),
      }
    },
    socketNamespaces: ({ inodes }) => found(Array.from(inodes, (inode) => sockets[inode] ?? 0)),
    deviceNamespaces: ({ pids, fds }) =>
      found(Array.from(pids, (pid, i) => hidden?.devices[`${pid}/${fds[i]}`] ?? 0)),
  }
}

type Answer = number | { readonly errno: number }

/** The inode to which a handle leads now; ESTALE where that is not the one expected. */
function locate(procfs: FixtureProcfs, request: NsHandle): Answer {
  let found: number | null
  try {
    found = inumAt(procfs, request)
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException
    if (errno === undefined) throw error
    return { errno: -errno }
  }
  if (found === null) return { errno: errnoNumber(request.inum === null ? 'EINVAL' : 'ESTALE') }
  if (request.inum !== null && request.inum !== found) return { errno: errnoNumber('ESTALE') }
  return found
}

/** A procfs shows a thread by its own number, too, though it does not list it. */
function folderOf(procfs: FixtureProcfs, pid: number): string {
  const process = readdirSync(procfs.root).find((name) =>
    existsSync(`${procfs.root}/${name}/task/${pid}/ns`),
  )
  return process === undefined ? String(pid) : `${process}/task/${pid}`
}

/** Null: there is something, but not a namespace. */
function inumAt(procfs: FixtureProcfs, request: NsHandle): number | null {
  switch (request.kind) {
    case 'link':
      return (
        parseNsLink(procfs.link(`${folderOf(procfs, request.pid)}/ns/${request.type}`))?.inum ??
        null
      )
    case 'forChildren': {
      const unborn = readNsfs(procfs.machine).hidden?.unborn[request.pid]
      return (
        unborn ??
        parseNsLink(procfs.link(`${request.pid}/ns/${request.type}_for_children`))?.inum ??
        null
      )
    }
    case 'descriptor':
      return descriptorInum(procfs, request.pid, request.fd)
    default:
      return pathInum(procfs, request.path)
  }
}

function descriptorInum(procfs: FixtureProcfs, pid: number, fd: number): number | null {
  const text = procfs.link(`${pid}/fd/${fd}`)
  if (text !== '/') return parseNsLink(text)?.inum ?? null
  const [, ino] = /^ino:\t(\d+)$/m.exec(procfs.text(`${pid}/fdinfo/${fd}`)) ?? []
  return Number(ino) > 0xefff_0000 ? Number(ino) : null
}

/** The mount that was made last stands over those before it. */
function pathInum(procfs: FixtureProcfs, path: string): number | null {
  const link = /^\/proc\/(\d+)\/ns\/([a-z]+)$/.exec(path)
  if (link) return parseNsLink(procfs.link(`${link[1]}/ns/${link[2]}`))?.inum ?? null
  const mounts = parseMountinfo(procfs.text('self/mountinfo'))
  const mount = mounts.findLast(({ mountPoint }) => mountPoint === path)
  // U+FFFD: a name that is not UTF-8 cannot be opened by the text that became of it.
  if (!mount || path.includes('\ufffd')) {
    throw Object.assign(new Error(path), { errno: -errnoNumber('ENOENT') })
  }
  return mount.fsType === 'nsfs' ? (parseNsLink(mount.root)?.inum ?? null) : null
}

/** Those found, all their owners and all their ancestors. */
function closure(answers: readonly Answer[], facts: ReadonlyMap<number, NsFacts>): NsFacts[] {
  const wanted = answers.filter((answer) => typeof answer === 'number')
  const found = new Map<number, NsFacts>()
  for (let inum = wanted.pop(); inum !== undefined; inum = wanted.pop()) {
    if (found.has(inum)) continue
    const row = facts.get(inum)
    if (!row) throw new Error(`the fixture has no facts of ${inum}`)
    found.set(inum, row)
    for (const other of [row.owner, row.parent]) if (typeof other === 'number') wanted.push(other)
  }
  return [...found.values()]
}
