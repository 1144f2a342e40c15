import type { NsHandle } from '../host/port.ts'
import { NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'
import type { Context } from './context.ts'
import type { DraftNamespace } from './draft.ts'

/**
 * Processes go on while we look: what is found after the scan and has nobody in it may have got a process since.
 * Books the members that these namespaces have now.
 */
export function addNewcomers(context: Context, empty: readonly DraftNamespace[]): void {
  const wanted = new Map(empty.map((ns) => [ns.inum, ns]))
  const types = NS_TYPE_NAMES.filter((type) => empty.some((ns) => ns.type === type))
  for (const { pid, inum } of links(context, types)) wanted.get(inum)?.members.push(pid)
}

/** Ways into the namespaces of a type that have come since the scan. */
export function newcomers(context: Context, type: NsType): Extract<NsHandle, { kind: 'link' }>[] {
  const found = new Map<number, Extract<NsHandle, { kind: 'link' }>>()
  for (const { pid, inum } of links(context, [type])) {
    const known = context.draft.namespaces.has(inum) || found.has(inum)
    if (!known) found.set(inum, { kind: 'link', pid, type, inum })
  }
  return [...found.values()]
}

/** Every link of these types, ascending by pid. */
function* links({ host }: Context, types: readonly NsType[]) {
  if (types.length === 0) return
  const pids = host.listPids()
  const { inums } = host.scanProcesses({ pids, types, descriptors: false, sockets: false })
  for (const [i, inum] of inums.entries()) {
    if (inum !== 0) yield { pid: pids[Math.floor(i / types.length)] as number, inum }
  }
}
