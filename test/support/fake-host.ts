import type { Host, ScanRequest } from '../../src/host/port.ts'
import { Procfs } from '../../src/host/procfs.ts'
import type { NsType } from '../../src/kernel/namespace-types.ts'
import { parseNsLink } from '../../src/kernel/ns-link.ts'
import { errnoNumber, systemError } from './fixture-procfs.ts'

/** Files and links of a procfs by path; an errno where they cannot be read. */
export type FakeFiles = Readonly<Record<string, string | Error | (() => string)>>

/** A procfs that was thought up. Every call is noted. */
class FakeProcfs extends Procfs {
  readonly calls: string[] = []
  private readonly files: FakeFiles

  constructor(files: FakeFiles) {
    super('/proc')
    this.files = files
  }

  override bytes(relative: string): Buffer {
    return Buffer.from(this.find(relative), 'latin1')
  }

  override link(relative: string): string {
    return this.find(relative)
  }

  private find(relative: string): string {
    this.calls.push(relative)
    const value = this.files[relative] ?? systemError('ENOENT', 'open', relative)
    if (value instanceof Error) throw value
    return typeof value === 'string' ? value : value()
  }
}

export function denied(errno: string): Error {
  return systemError(errno, 'open', '/proc')
}

export interface FakeHost extends Host {
  readonly procfs: FakeProcfs
}

/** A host that can do nothing but read the files, and what else is given to it. */
export function fakeHost(files: FakeFiles, more: Partial<Omit<Host, 'procfs'>> = {}): FakeHost {
  const procfs = new FakeProcfs(files)
  return {
    ...{ engine: 'native', procfs, readerPid: null, describe: null, socketNamespaces: null },
    ...{ inside: null, peerNsids: null, statmount: null, pidIn: null, readFiles: null },
    ...{ deviceNamespaces: null, mountNamespaces: null, listNamespaces: null },
    listPids: () => new Int32Array(),
    readProcesses: () => [],
    userName: () => null,
    scanProcesses: (request) => ({
      inums: Uint32Array.from(request.types, (type) => inumOf(procfs, request, type)),
      errnos: new Uint8Array(request.types.length),
      descriptorErrnos: new Uint8Array(request.pids.length),
      ...{ descriptors: [], undecided: 0 },
      sockets: { pids: new Int32Array(), fds: new Int32Array(), inodes: new Float64Array() },
    }),
    ...more,
  }
}

function inumOf(procfs: FakeProcfs, { pids }: ScanRequest, type: NsType): number {
  try {
    return parseNsLink(procfs.link(`${pids[0]}/ns/${type}`))?.inum ?? 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).errno !== -errnoNumber('ENOENT')) throw error
    return 0
  }
}

/** A /proc/PID/stat. */
export function statText(pid: number, startTicks: number): string {
  return `${pid} (x) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 ${startTicks} 0 0\n`
}
