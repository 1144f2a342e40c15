import type { Description, NsFacts, NsHandle } from '../../src/host/port.ts'
import { type FixtureHost, fixtureHost } from './fixture-host.ts'
import { errnoNumber, type Fault, type Machine, systemError } from './fixture-procfs.ts'

/** What fails, and where. */
export type Failing =
  | ({ readonly on: 'procfs' } & Omit<Fault, 'errno'>)
  | {
      readonly on: 'listPids' | 'scanProcesses' | 'readProcesses' | 'describe' | 'socketNamespaces'
    }
  /** One link, each time that the processes are scanned for its type alone. */
  | { readonly on: 'guide'; readonly pid: number }
  /** Every handle to a namespace. */
  | { readonly on: 'handle'; readonly inum: number }
  /** One answer of nsfs. */
  | { readonly on: 'fact'; readonly inum: number; readonly field: 'owner' | 'parent' | 'nsid' }
  | { readonly on: 'socket'; readonly inode: number }

/** A machine on which one thing fails with an errno. */
export function faultyHost(machine: Machine, failing: Failing, errno: string): FixtureHost {
  if (failing.on === 'procfs') {
    const { call, path } = failing
    return fixtureHost(machine, { faults: [{ call, path, errno }] })
  }
  const host = fixtureHost(machine)
  const number = errnoNumber(errno)
  const fail = (): never => {
    throw systemError(errno, failing.on, '/proc')
  }
  switch (failing.on) {
    case 'guide':
      return { ...host, scanProcesses: failingGuide(host, failing.pid, number) }
    case 'handle':
      return { ...host, describe: failingHandle(host, failing.inum, number) }
    case 'fact':
      return { ...host, describe: failingFact(host, failing, errno) }
    case 'socket':
      return { ...host, socketNamespaces: failingSocket(host, failing.inode, number) }
    default:
      return { ...host, [failing.on]: fail }
  }
}

function failingGuide(host: FixtureHost, pid: number, errno: number): FixtureHost['scanProcesses'] {
  return (request) => {
    const scan = host.scanProcesses(request)
    const at = request.pids.indexOf(pid)
    if (request.types.length > 1 || request.descriptors || at < 0) return scan
    scan.inums[at] = 0
    scan.errnos[at] = errno
    return scan
  }
}

type Describe = NonNullable<FixtureHost['describe']>

function failingHandle(host: FixtureHost, inum: number, errno: number): Describe {
  return (requests, options) => {
    const isFailing = (request: NsHandle) => request.inum === inum
    const left = requests.filter((request) => !isFailing(request))
    const { facts } = describe(host, left, options)
    const inums = requests.map((request) => (isFailing(request) ? 0 : (request.inum ?? 0)))
    return {
      inums: Uint32Array.from(inums),
      errnos: Uint8Array.from(requests, (request) => (isFailing(request) ? errno : 0)),
      facts: facts.filter((fact) => fact.inum !== inum),
    }
  }
}

function failingFact(
  host: FixtureHost,
  { inum, field }: { inum: number; field: keyof NsFacts },
  errno: string,
): Describe {
  return (requests, options) => {
    const answer = describe(host, requests, options)
    const facts = answer.facts.map((row) => (row.inum === inum ? { ...row, [field]: errno } : row))
    return { ...answer, facts }
  }
}

function describe(host: FixtureHost, ...args: Parameters<Describe>): Description {
  if (!host.describe) throw new Error('this host has no nsfs')
  return host.describe(...args)
}

function failingSocket(
  host: FixtureHost,
  inode: number,
  errno: number,
): NonNullable<FixtureHost['socketNamespaces']> {
  return (sockets) => {
    if (!host.socketNamespaces) throw new Error('this host has no sockets')
    const answer = host.socketNamespaces(sockets)
    const at = sockets.inodes.indexOf(inode)
    answer.inums[at] = 0
    answer.errnos[at] = errno
    return answer
  }
}
