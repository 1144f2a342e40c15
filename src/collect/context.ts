import { errnoName } from '../host/errno-name.ts'
import type { Host } from '../host/port.ts'
import { NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'
import { addGap, type Draft } from './draft.ts'
import type { CollectRequest } from './request.ts'

/** What every source is handed. */
export interface Context {
  readonly host: Host
  readonly request: CollectRequest
  readonly draft: Draft
  /** The inodes of our own namespaces, as far as they can be read. */
  readonly reader: ReadonlyMap<NsType, number>
}

export function readerNamespaces(host: Host, draft: Draft): Map<NsType, number> {
  const pid = host.readerPid
  if (pid === null) return new Map()
  const { inums, errnos } = processNamespaces(host, pid)
  for (const errno of new Set(errnos.values())) {
    addGap(draft, 'host', { errno: errnoName(errno), pid })
  }
  return inums
}

/** The namespaces of one process (or thread), and the errno of the links that cannot be read. */
export function processNamespaces(
  host: Host,
  pid: number,
): { inums: Map<NsType, number>; errnos: Map<NsType, number> } {
  const scan = host.scanProcesses({
    pids: Int32Array.of(pid),
    types: NS_TYPE_NAMES,
    descriptors: false,
    sockets: false,
  })
  const inums = new Map<NsType, number>()
  const errnos = new Map<NsType, number>()
  for (const [i, type] of NS_TYPE_NAMES.entries()) {
    const inum = scan.inums[i] as number
    if (inum !== 0) inums.set(type, inum)
    else errnos.set(type, scan.errnos[i] as number)
  }
  return { inums, errnos }
}

/**
 * Whether a refusal only means that the process has ended: where it does so while its link is looked
 * at, the kernel says EACCES (proc_ns_readlink() and proc_ns_get_link() in fs/proc/namespaces.c).
 */
export function hasEnded({ procfs }: Host, pid: number): boolean {
  return !procfs.exists(String(pid))
}
