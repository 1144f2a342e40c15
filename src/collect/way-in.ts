import type { NsHandle } from '../host/port.ts'
import type { Holder } from '../model/snapshot.ts'
import type { DraftNamespace } from './draft.ts'

type Known = Pick<DraftNamespace, 'type' | 'inum' | 'members' | 'holders'>

/**
 * One of the ways in which a namespace can be opened: by its members, then by what else holds it.
 *
 * @param n which of them, from 0.
 * @param mountNamespace our own: a path counts in no other.
 * @returns null where there are no more.
 */
export function wayIn(ns: Known, n: number, mountNamespace: number | undefined): NsHandle | null {
  const { type, inum, members, holders } = ns
  const pid = members[n]
  if (pid !== undefined) return { kind: 'link', pid, type, inum }
  let left = n - members.length
  for (const holder of holders) {
    const handle = wayBy(holder, ns, mountNamespace)
    if (handle && left-- === 0) return handle
  }
  return null
}

/** Null: it holds the namespace, but shows no file of it. */
function wayBy(
  { kind, pid, tid, fd, path, namespace }: Holder,
  { type, inum }: Known,
  mountNamespace: number | undefined,
): NsHandle | null {
  if (kind === 'thread' && tid !== null) return { kind: 'link', pid: tid, type, inum }
  const task = tid ?? pid
  if (kind === 'forChildren' && task !== null) return { kind, pid: task, type, inum }
  if (kind === 'mount' && path !== null && (namespace ?? mountNamespace) === mountNamespace) {
    return { kind, path, inum }
  }
  // With a path it is a file of that network namespace, no file that is the namespace.
  if (kind === 'descriptor' && pid !== null && fd !== null && path === null) {
    return { kind, pid, fd, inum }
  }
  return null
}
