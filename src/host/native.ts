import type { Errno } from '../kernel/errno.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { Addon, DescriptorColumns, NamespaceColumns, ScanColumns } from './addon.ts'
import { errnoName } from './errno-name.ts'
import { allFactsOf, describedOf } from './fact-columns.ts'
import { handleColumns } from './handles.ts'
import { namespaceCalls } from './namespace-calls.ts'
import type {
  DeepScan,
  DescriptorList,
  FileText,
  Host,
  MountNamespaces,
  NsDescriptor,
  ProcessScan,
  ProcessTexts,
  ReadRequest,
  ScanRequest,
} from './port.ts'
import type { Procfs } from './procfs.ts'
import { readerPid } from './reader-pid.ts'

/** The host over the addon: bulk calls on all cores, and nsfs itself. `procfs` must be our own. */
export function nativeHost(
  addon: Addon,
  procfs: Procfs,
  readFiles: Host['readFiles'] = null,
): Host {
  const { root } = procfs
  const names = new Map<number, string | null>()
  const reader = readerPid(procfs)
  return {
    engine: 'native',
    procfs,
    readerPid: reader,
    listPids: () => addon.listPids(root),
    scanProcesses: (request) => scanProcesses(addon, root, request),
    readProcesses: (pids, request) => readProcesses(addon, root, { ...request, pids }),
    describe(handles, { nsid }) {
      return describedOf(addon.describe(root, handleColumns(handles), nsid))
    },
    // The pids of another PID namespace's procfs are not those that system calls take.
    socketNamespaces:
      reader === process.pid
        ? (found) => describedOf(examine(addon, root, { ...found, tun: false }))
        : null,
    deviceNamespaces:
      reader === process.pid
        ? (found) => describedOf(examine(addon, root, { ...found, tun: true }))
        : null,
    ...namespaceCalls(addon, root),
    ...(reader === process.pid ? {} : { pidIn: null }),
    mountNamespaces: reader === process.pid ? () => mountNamespaces(addon, root) : null,
    listNamespaces() {
      const found = addon.listNamespaces()
      return typeof found === 'number' ? errnoName(found) : describedOf(found)
    },
    readFiles,
    userName(uid) {
      let name = names.get(uid)
      if (name === undefined) {
        name = addon.userName(uid)
        names.set(uid, name)
      }
      return name
    },
  }
}

function scanProcesses(addon: Addon, root: string, request: ScanRequest): ProcessScan {
  const { pids, types, only = null, descriptors, sockets } = request
  const found = addon.scan(root, pids, types, only, descriptors, sockets, request.deep)
  return {
    inums: found.inums,
    errnos: found.errnos,
    descriptorErrnos: found.descriptorErrnos,
    descriptors: nsDescriptors(found.namespaces),
    sockets: found.sockets,
    undecided: found.undecided ? 1 : 0,
    ...(request.deep ? { deep: deepScanOf(found, types) } : {}),
  }
}

function deepScanOf(found: ScanColumns, types: readonly NsType[]): DeepScan {
  const { tasks, threadErrnos, forChildrenErrnos, devices, netFiles } = found
  if (!tasks || !threadErrnos || !forChildrenErrnos || !devices || !netFiles) {
    throw new Error('the addon is older than this code: build it again')
  }
  return {
    ...{ threadErrnos, forChildrenErrnos, devices, netFiles },
    tasks: Array.from(tasks.pids, (pid, i) => ({
      ...{ pid, tid: tasks.tids[i] as number, type: types[tasks.types[i] as number] as NsType },
      forChildren: tasks.forChildren[i] === 1,
      inum: tasks.inums[i] || null,
    })),
  }
}

function examine(
  addon: Addon,
  root: string,
  { pids, fds, inodes, tun }: DescriptorList & { readonly tun: boolean },
): NamespaceColumns {
  return addon.socketNamespaces(root, pids, fds, inodes, tun)
}

function mountNamespaces(addon: Addon, root: string): MountNamespaces | Errno {
  const found = addon.mountNamespaces(root)
  if (typeof found === 'number') return errnoName(found)
  const { inums, errnos, bytes } = found.mounts
  return {
    inums: found.inums,
    facts: allFactsOf(found.facts),
    mounts: Array.from(inums, (inum, i) => {
      const errno = errnos[i] as number
      return { inum, bytes: errno === 0 ? (bytes[i] as Buffer) : errnoName(errno) }
    }),
  }
}

function nsDescriptors({ pids, fds, inodes }: DescriptorColumns): NsDescriptor[] {
  return Array.from(pids, (pid, i) => ({
    pid,
    fd: fds[i] as number,
    inum: inodes[i] as number,
    type: null,
  }))
}

function readProcesses(
  addon: Addon,
  root: string,
  request: ReadRequest & { readonly pids: readonly number[] },
): ProcessTexts[] {
  const { status, cmdlineBytes, cgroup = false } = request
  const pids = Int32Array.from(request.pids)
  const { bytes, sizes, errnos } = addon.read(root, pids, status, cmdlineBytes, cgroup)
  let file = 0
  let offset = 0
  const next = (): FileText => {
    const start = offset
    const errno = errnos[file] as number
    offset += sizes[file++] as number
    return errno === 0 ? bytes.subarray(start, offset) : errnoName(errno)
  }
  return request.pids.map(() => ({
    stat: next(),
    status: status ? next() : null,
    cmdline: cmdlineBytes > 0 ? next() : null,
    cgroup: cgroup ? next() : null,
  }))
}
