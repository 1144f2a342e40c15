import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { NsFacts } from '../../src/host/port.ts'
import { Procfs } from '../../src/host/procfs.ts'
import { parseNsLink } from '../../src/kernel/ns-link.ts'

export const MACHINES = [
  'bare-host',
  'two-containers',
  'nested-user',
  'pinned-net',
  'unprivileged',
  'hostile',
] as const
/** What nothing but a deep look is about. */
export type Machine = (typeof MACHINES)[number] | 'hiding-places'

export function machinePath(machine: Machine, path: string): string {
  return join(import.meta.dirname, '../fixtures', machine, path)
}

export type ProcfsCall = 'names' | 'link' | 'bytes' | 'head' | 'stat'

/** One call of the procfs that fails. */
export interface Fault {
  readonly call: ProcfsCall
  readonly path: string | RegExp
  readonly errno: string
}

export interface FixtureProcfsOptions {
  readonly faults?: readonly Fault[]
  /** Contents too large or too odd to be committed, by path below the root. */
  readonly files?: Readonly<Record<string, Buffer>>
}

/**
 * The procfs of a fixture, with what a directory cannot hold: permissions, the inode numbers of
 * procfs files, and failures.
 */
export class FixtureProcfs extends Procfs {
  readonly machine: Machine
  readonly options: FixtureProcfsOptions
  readonly denied: ReadonlySet<number>
  readonly uid: number
  /** Every call that was made, such as `bytes 1/stat`. */
  readonly calls: string[] = []

  constructor(machine: Machine, options: FixtureProcfsOptions = {}) {
    super(machinePath(machine, 'proc'))
    this.machine = machine
    this.options = options
    const { uid, denied } = readNsfs(machine)
    this.uid = uid
    this.denied = new Set(denied)
  }

  override names(relative: string): string[] {
    this.check('names', relative)
    return super.names(relative)
  }

  /** Links to an absolute path are kept as `path:/…`, so that nothing follows them. */
  override link(relative: string): string {
    this.check('link', relative)
    return super.link(relative).replace(/^path:/, '')
  }

  override bytes(relative: string): Buffer {
    this.check('bytes', relative)
    return this.options.files?.[relative] ?? super.bytes(relative)
  }

  override head(relative: string, size: number): Buffer {
    this.check('head', relative)
    const file = this.options.files?.[relative]
    return file ? file.subarray(0, size) : super.head(relative, size)
  }

  /** The inode of net/dev belongs to the network namespace, also of a process that is denied. */
  override stat(relative: string): { dev: number; ino: number; uid: number } {
    this.check('stat', relative)
    if (relative === 'self/ns/net') return { dev: 4, ino: 0, uid: 0 }
    const pid = /^(\d+)\/net\/dev$/.exec(relative)?.[1]
    if (pid === undefined) return super.stat(relative)
    const link = parseNsLink(super.link(`${pid}/ns/net`))
    if (!link) throw systemError('EINVAL', 'stat', this.path(relative))
    return { dev: 21, ino: link.inum + 1000, uid: 0 }
  }

  private check(call: ProcfsCall, relative: string): void {
    this.calls.push(`${call} ${relative}`)
    const fault = this.options.faults?.find(
      ({ call: faulty, path }) =>
        faulty === call && (typeof path === 'string' ? path === relative : path.test(relative)),
    )
    if (fault) throw systemError(fault.errno, call, this.path(relative))
    const [, pid] = /^(\d+)\/(?:ns|fd|fdinfo)(?:\/|$)/.exec(relative) ?? []
    if (pid !== undefined && this.denied.has(Number(pid))) {
      throw systemError('EACCES', call, this.path(relative))
    }
  }
}

export interface NsfsFile {
  /** Of the reader. */
  readonly uid: number
  /** Processes on which a ptrace check fails. */
  readonly denied: readonly number[]
  /** The network namespace of sockets that no table lists, by the socket's inode. */
  readonly sockets: Readonly<Record<string, number>>
  readonly namespaces: readonly NsFacts[]
  /** What no file shows: of a tun device (`PID/FD`) its network namespace, of a task what no link shows yet. */
  readonly hidden?: {
    readonly devices: Readonly<Record<string, number>>
    readonly unborn: Readonly<Record<string, number>>
  }
}

export function readNsfs(machine: Machine): NsfsFile {
  return JSON.parse(readFileSync(machinePath(machine, 'nsfs.json'), 'utf8')) as NsfsFile
}

/** The number of an errno. */
export function errnoNumber(name: string): number {
  const number = constants.errno[name as keyof typeof constants.errno]
  if (number === undefined) throw new Error(`no such errno: ${name}`)
  return number
}

/** An error as Node makes it of a failed system call. */
export function systemError(errno: string, syscall: string, path: string): Error {
  return Object.assign(new Error(`${errno}: ${syscall} '${path}'`), {
    ...{ errno: -errnoNumber(errno), code: errno, syscall, path },
  })
}
