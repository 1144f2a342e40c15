import { EXIT, NsxError } from '../errors.ts'
import type { Host, NsHandle } from '../host/port.ts'
import { NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'
import { formatNsLink } from '../kernel/ns-link.ts'
import type { Need } from '../model/need.ts'
import type { Namespace, Snapshot } from '../model/snapshot.ts'
import type { Subject } from '../model/subject.ts'
import type { ContentsPlace } from './contents.ts'
import { namespaceOfFacts } from './facts.ts'
import { CMDLINE_BYTES, type InspectRequest } from './inspecting.ts'
import { collectList } from './list.ts'
import type { NamespaceFile } from './named.ts'

/** The namespaces of a task, of these types. A zombie has only two of them left. */
export function placesOf({ pid, links }: Subject, types: readonly NsType[]): ContentsPlace[] {
  return types.flatMap((type) => {
    const inum = links[type]
    const handle = { kind: 'link', pid, type } as const
    return inum === undefined ? [] : [{ type, inum, pids: [pid], handle: { ...handle, inum } }]
  })
}

/** A network namespace, by a process in it. */
export function netPlace(inum: number, pid: number): ContentsPlace {
  return { type: 'net', inum, pids: [pid], handle: { kind: 'link', pid, type: 'net', inum } }
}

/** A namespace as it was named. */
export interface NamedNamespace {
  readonly inum: number | null
  readonly id: string | null
  readonly type: NsType | null
  /** Null: it was named by a number. */
  readonly file: NamespaceFile | null
}

/**
 * Looks for one namespace on the whole machine.
 *
 * @param needs what is to be known of it.
 * @throws NsxError where there is none such.
 */
export function findNamespace(
  host: Host,
  named: NamedNamespace & { readonly text: string },
  request: InspectRequest & { readonly needs: readonly Need[] },
): { snapshot: Snapshot; namespace: Namespace; place: ContentsPlace } {
  const { inum, id } = named
  const { snapshot } = collectList(host, {
    selection: {
      types: new Set(NS_TYPE_NAMES),
      only: { inums: new Set(inum === null ? [] : [inum]), ids: new Set(id === null ? [] : [id]) },
      persistent: false,
    },
    ...{ task: null, needs: new Set(request.needs), descriptors: true, sockets: true },
    ...{ cmdlineBytes: CMDLINE_BYTES, uid: request.uid, now: request.now },
    ...(request.observer ? { observer: request.observer } : {}),
  })
  return pickNamespace(snapshot, named)
}

/**
 * The namespace of a Snapshot that was named.
 *
 * @returns `snapshot` has it in any case: also one of which only the file that named it is known.
 * @throws NsxError where there is none such.
 */
export function pickNamespace(
  snapshot: Snapshot,
  named: NamedNamespace & { readonly text: string },
): { snapshot: Snapshot; namespace: Namespace; place: ContentsPlace } {
  const { inum, type, file } = named
  const namespace = snapshot.namespaces.find(
    (ns) => isNamed(ns, named) && (type ?? ns.type) === ns.type,
  )
  if (namespace) {
    const place = placeOf(namespace)
    return { snapshot, namespace, place: { ...place, handle: place.handle ?? handleOfFile(file) } }
  }
  // It is there, for its file is: whatever else holds it cannot be seen from here.
  if (file) {
    const namespace = namespaceOfFacts(file.facts)
    const namespaces = [...snapshot.namespaces.filter((ns) => ns.inum !== inum), namespace]
    const place = { ...placeOf(namespace), handle: handleOfFile(file) }
    return { snapshot: { ...snapshot, namespaces }, namespace, place }
  }
  const other = snapshot.namespaces.find((ns) => ns.inum === inum)
  throw new NsxError(`there is no namespace ${named.text}`, {
    code: 'no-such-namespace',
    exitCode: EXIT.noTarget,
    target: named.text,
    hint: other
      ? `${other.inum} is ${formatNsLink(other.type, other.inum)}`
      : hintForMissing(snapshot),
  })
}

/** An inode can be another namespace's by now, an id never. */
function isNamed(ns: Namespace, { inum, id }: NamedNamespace): boolean {
  return id !== null && ns.id !== null ? ns.id === id : ns.inum === inum
}

function handleOfFile(file: NamespaceFile | null): NsHandle | null {
  return file && { kind: 'path', path: file.path, inum: null }
}

function hintForMissing({ coverage }: Snapshot): string {
  return coverage.complete
    ? 'nsx list shows those there are; it may have ended'
    : 'it may have ended, or be out of sight: not everything could be read'
}

/** Where it can be looked into: its leader first. */
export function placeOf(namespace: Namespace): ContentsPlace {
  const { type, inum, leader } = namespace
  const readable = readableMembers(namespace)
  const led = leader !== null && readable.includes(leader)
  const pids = led ? [leader, ...readable.filter((pid) => pid !== leader)] : readable
  return { type, inum, pids, handle: handleOf(namespace, pids[0]) }
}

/** Of an inferred member no link can be opened: that is why it had to be inferred. */
function readableMembers({ members, inferredMembers }: Namespace): readonly number[] {
  if (inferredMembers.length === 0) return members
  const inferred = new Set(inferredMembers)
  return members.filter((pid) => !inferred.has(pid))
}

/** Through a member, else through whatever holds it open. */
function handleOf({ type, inum, holders }: Namespace, member: number | undefined): NsHandle | null {
  if (member !== undefined) return { kind: 'link', pid: member, type, inum }
  for (const { kind, pid, tid, fd, path } of holders) {
    if (kind === 'mount' && path !== null) return { kind: 'mount', path, inum }
    if (kind === 'descriptor' && pid !== null && fd !== null) {
      return { kind: 'descriptor', pid, fd, inum }
    }
    if (kind === 'thread' && tid !== null) return { kind: 'link', pid: tid, type, inum }
  }
  return null
}
