import { SOURCES } from '../../src/collect/request.ts'
import { NS_TYPE_NAMES, type NsType, nsTypeRow } from '../../src/kernel/namespace-types.ts'
import type {
  Coverage,
  Holder,
  HolderKind,
  Namespace,
  Process,
  Snapshot,
} from '../../src/model/snapshot.ts'

/** A holder in short: what is not told, it has not. */
export type ShortHolder = Partial<Holder> & { readonly kind: Exclude<HolderKind, 'process'> }

/** A namespace of a made-up machine: what is not told, it has not. */
export interface ShortNamespace extends Partial<Omit<Namespace, 'holders'>> {
  readonly type: NsType
  readonly inum: number
  readonly holders?: readonly ShortHolder[]
}

/** Inodes as no namespace of the boot has them. */
export const MADE = 4026532000

function namespaceOf({ holders = [], ...rest }: ShortNamespace): Namespace {
  return {
    ...{
      id: String(rest.inum - MADE),
      members: [],
      inferredMembers: [],
      owner: null,
      parent: null,
    },
    ...{ ownerUid: null, nsid: null, leader: rest.members?.[0] ?? null, unknown: [], atLeast: [] },
    ...rest,
    holders: holders.map((holder) => ({
      ...{ pid: null, tid: null, fd: null, path: null, namespace: null },
      ...holder,
    })),
  }
}

export function processOf(pid: number, comm = 'sleep', rest: Partial<Process> = {}): Process {
  return {
    ...{ pid, ppid: 1, startTicks: String(pid * 10), comm, uid: 0, user: 'root', args: [comm] },
    ...{ lossy: [], container: null, ...rest },
  }
}

/** Everything was asked and read, unless told otherwise. */
export function snapshotOf(
  namespaces: readonly ShortNamespace[],
  processes: readonly Process[] = [],
  coverage: Partial<Coverage> = {},
): Snapshot {
  const initial = (type: NsType) => nsTypeRow(type).initialInum
  return {
    host: {
      ...{ procfs: '/proc', bootId: null, kernel: '6.18.0', hostname: 'h', nsfsDev: '0:4', uid: 0 },
      ...{ takenAt: '2026-11-24T01:02:03.456Z', pidMax: 4194304 },
      userNs: { type: 'user', inum: initial('user'), id: '2' },
      pidNs: { type: 'pid', inum: initial('pid'), id: '6' },
      mntNs: { type: 'mnt', inum: initial('mnt'), id: '4' },
    },
    namespaces: [
      ...NS_TYPE_NAMES.map((type) => ({ type, inum: initial(type), members: [1] })),
      ...namespaces,
    ]
      .map(namespaceOf)
      .sort((a, b) => a.inum - b.inum),
    processes: [processOf(1, 'init'), ...processes],
    coverage: {
      ...{ complete: true, gaps: [], hidepid: false, unidentified: {} },
      sources: SOURCES.map((name) => ({ name, state: 'read' })),
      ...coverage,
    },
  }
}
