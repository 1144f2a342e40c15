import type { Errno } from '../kernel/errno.ts'
import { nsTypeOfBit, nsTypeRow } from '../kernel/namespace-types.ts'
import type { Addon, DescriptorColumns, FactColumns, NamespaceColumns } from './addon.ts'
import { errnoName } from './errno-name.ts'
import { handleColumns } from './handles.ts'
import { namespaceCalls } from './namespace-calls.ts'
import type {
  Description,
  FileText,
  Host,
  NsDescriptor,
  NsFacts,
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
        ? ({ pids, fds, inodes }) => describedOf(addon.socketNamespaces(root, pids, fds, inodes))
        : null,
    ...namespaceCalls(addon, root),
    ...(reader === process.pid ? {} : { pidIn: null }),
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
  const found = addon.scan(root, pids, types, only, descriptors, sockets)
  return {
    inums: found.inums,
    errnos: found.errnos,
    descriptorErrnos: found.descriptorErrnos,
    descriptors: nsDescriptors(found.namespaces),
    sockets: found.sockets,
    undecided: found.undecided ? 1 : 0,
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

/** Of a namespace whose type nsfs does not tell, or tells as one that we do not know. */
const ENOTSUP = 95

function describedOf({ inums, errnos, facts }: NamespaceColumns): Description {
  const known: NsFacts[] = []
  const untyped = new Set<number>()
  for (let i = 0; i < facts.inums.length; i++) {
    const fact = factsOf(facts, i)
    if (fact) known.push(fact)
    else untyped.add(facts.inums[i] as number)
  }
  if (untyped.size > 0) {
    for (const [i, inum] of inums.entries()) {
      if (!untyped.has(inum)) continue
      inums[i] = 0
      errnos[i] = ENOTSUP
    }
  }
  return { inums, errnos, facts: known }
}

/** Null for a type that the table does not know: of a later kernel. */
function factsOf(columns: FactColumns, i: number): NsFacts | null {
  const type = nsTypeOfBit(columns.types[i] as number)
  if (!type) return null
  const id = columns.ids[i] as bigint
  const nsid = valueOrErrno(columns.nsids, columns.nsidErrnos, i)
  return {
    inum: columns.inums[i] as number,
    type,
    id: id === 0n ? null : String(id),
    owner: valueOrErrno(columns.owners, columns.ownerErrnos, i),
    parent: nsTypeRow(type).hasParent
      ? valueOrErrno(columns.parents, columns.parentErrnos, i)
      : null,
    ownerUid: type === 'user' ? valueOrErrno(columns.ownerUids, columns.ownerUidErrnos, i) : null,
    nsid: nsid === -1 ? null : nsid,
  }
}

function valueOrErrno(
  values: Uint32Array | Int32Array,
  errnos: Uint8Array,
  i: number,
): number | Errno {
  const errno = errnos[i] as number
  return errno === 0 ? (values[i] as number) : errnoName(errno)
}
