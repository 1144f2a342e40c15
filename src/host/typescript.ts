import { isGone } from '../kernel/errno.ts'
import { isNetFile } from '../kernel/net-file.ts'
import { parseNsLink } from '../kernel/ns-link.ts'
import { errnoName } from './errno-name.ts'
import type {
  DeepRequest,
  DeepScan,
  DescriptorList,
  FileText,
  Host,
  NsDescriptor,
  ProcessScan,
  ProcessTexts,
  ReadRequest,
  ScanRequest,
} from './port.ts'
import type { Procfs } from './procfs.ts'
import { readNsLink } from './read-ns-link.ts'
import { readerPid } from './reader-pid.ts'
import { errnoOf, throwIfOurs } from './system-error.ts'
import { scanTasks, type TaskScanRequest } from './task-scan.ts'

/**
 * The host over node:fs alone: another procfs, a saved machine, a machine without the addon.
 *
 * Descriptors are told by their link text and fdinfo, never by stat, which a silent FUSE file
 * would block for good. What nsfs itself must be asked for comes from `nsfs`, where there is one.
 */
export function typescriptHost(
  procfs: Procfs,
  nsfs: Pick<Host, 'describe' | 'userName'> & Partial<Pick<Host, 'readFiles'>>,
): Host {
  return {
    engine: 'typescript',
    procfs,
    readerPid: readerPid(procfs),
    describe: nsfs.describe,
    userName: nsfs.userName,
    socketNamespaces: null,
    deviceNamespaces: null,
    mountNamespaces: null,
    listNamespaces: null,
    inside: null,
    peerNsids: null,
    statmount: null,
    pidIn: null,
    readFiles: nsfs.readFiles ?? null,
    listPids: () =>
      Int32Array.from(
        procfs
          .names('')
          .filter((name) => /^[1-9]\d*$/.test(name))
          .map(Number),
      ).sort(),
    scanProcesses: (request) => scanProcesses(procfs, request),
    readProcesses: (pids, request) => pids.map((pid) => readProcess(procfs, pid, request)),
  }
}

function scanProcesses(procfs: Procfs, request: ScanRequest): ProcessScan {
  const { pids, types } = request
  const inums = new Uint32Array(pids.length * types.length)
  const errnos = new Uint8Array(inums.length)
  const descriptorErrnos = new Uint8Array(pids.length)
  const found: FoundDescriptors = {
    ...{ namespaces: [], sockets: [], devices: [], netFiles: [] },
    undecided: 0,
  }
  for (const [i, pid] of pids.entries()) {
    for (const [j, type] of types.entries()) {
      const at = i * types.length + j
      if (request.only?.[at] === 0) continue
      const link = readNsLink(procfs, `${pid}/ns/${type}`, type)
      if ('inum' in link) inums[at] = link.inum
      else errnos[at] = link.errno
    }
    if (request.descriptors || request.sockets || request.deep) {
      descriptorErrnos[i] = scanDescriptors(procfs, pid, found)
    }
  }
  return {
    inums,
    errnos,
    descriptorErrnos,
    descriptors: request.descriptors ? found.namespaces : [],
    sockets: socketColumns(request.sockets ? found.sockets : []),
    undecided: found.undecided,
    ...(request.deep
      ? { deep: deepScan(procfs, { ...request, ...request.deep, inums }, found) }
      : {}),
  }
}

function deepScan(
  procfs: Procfs,
  request: TaskScanRequest & DeepRequest,
  { devices, netFiles }: FoundDescriptors,
): DeepScan {
  return {
    ...scanTasks(procfs, request),
    devices: socketColumns(request.devices ? devices : []),
    netFiles: socketColumns(request.netFiles ? netFiles : []),
  }
}

interface FoundDescriptor {
  readonly pid: number
  readonly fd: number
  readonly inode: number
}

interface FoundDescriptors {
  readonly namespaces: NsDescriptor[]
  readonly sockets: FoundDescriptor[]
  readonly devices: FoundDescriptor[]
  readonly netFiles: FoundDescriptor[]
  undecided: number
}

/** @returns the errno of the descriptor directory or of what could not be read in it, 0: all was. */
function scanDescriptors(procfs: Procfs, pid: number, found: FoundDescriptors): number {
  let names: string[]
  try {
    names = procfs.names(`${pid}/fd`)
  } catch (error) {
    return errnoOf(error)
  }
  let failure = 0
  for (const name of names) {
    try {
      examineDescriptor(procfs, { pid, fd: Number(name) }, found)
    } catch (error) {
      const errno = errnoOf(error)
      throwIfOurs(errnoName(errno), 'descriptors')
      // Gone: closed meanwhile.
      if (!isGone(errnoName(errno))) failure ||= errno
    }
  }
  return failure
}

function examineDescriptor(
  procfs: Procfs,
  { pid, fd }: { readonly pid: number; readonly fd: number },
  found: FoundDescriptors,
): void {
  const text = procfs.link(`${pid}/fd/${fd}`)
  const link = parseNsLink(text)
  const socket = /^socket:\[(\d+)\]$/.exec(text)
  if (link) found.namespaces.push({ pid, fd, ...link })
  else if (socket) found.sockets.push({ pid, fd, inode: Number(socket[1]) })
  else if (text === TUN) found.devices.push({ pid, fd, inode: 0 })
  else if (isNetFile(text)) {
    const ino = inodeOf(procfs, pid, fd)
    if (ino !== null) found.netFiles.push({ pid, fd, inode: ino })
  } else if (text === '/' && mayBeNamespace(procfs, pid, fd)) found.undecided++
}

/** Where udev puts it; by another name only its number would tell it. */
const TUN = '/dev/net/tun'

/** Where the kernel begins to number namespaces (PROC_DYNAMIC_FIRST less the fixed ones, fs/proc). */
const FIRST_NS_INUM = 0xefff_fff8

/**
 * A detached mount of a namespace shows the path `/`, as does a root directory. The inode number in
 * fdinfo (Linux 5.14) can rule it out, but only statx could tell its device.
 */
function mayBeNamespace(procfs: Procfs, pid: number, fd: number): boolean {
  const ino = inodeOf(procfs, pid, fd)
  return ino === null || ino >= FIRST_NS_INUM
}

/** Null: before Linux 5.14. */
function inodeOf(procfs: Procfs, pid: number, fd: number): number | null {
  const ino = /^ino:\t(\d+)$/m.exec(procfs.text(`${pid}/fdinfo/${fd}`))
  return ino && Number(ino[1])
}

function socketColumns(sockets: readonly FoundDescriptor[]): DescriptorList {
  return {
    pids: Int32Array.from(sockets, (socket) => socket.pid),
    fds: Int32Array.from(sockets, (socket) => socket.fd),
    inodes: Float64Array.from(sockets, (socket) => socket.inode),
  }
}

function readProcess(procfs: Procfs, pid: number, request: ReadRequest): ProcessTexts {
  const read = (size: number, file: string): FileText => {
    try {
      return size > 0 ? procfs.head(`${pid}/${file}`, size) : procfs.bytes(`${pid}/${file}`)
    } catch (error) {
      return errnoName(errnoOf(error))
    }
  }
  return {
    stat: read(0, 'stat'),
    status: request.status ? read(0, 'status') : null,
    cmdline: request.cmdlineBytes > 0 ? read(request.cmdlineBytes, 'cmdline') : null,
    cgroup: request.cgroup ? read(0, 'cgroup') : null,
  }
}
