import type { MountPlace } from '../../../src/kernel/mount-places.ts'
import { NS_TYPE_NAMES } from '../../../src/kernel/namespace-types.ts'
import type { Kinship, Pair, Side } from '../../../src/model/pair.ts'
import { NS_LINK_NAMES, type Subject, type SubjectCredentials } from '../../../src/model/subject.ts'

const INITIAL_USER = 4026531837
export const INITIAL_PID = 4026531836

export interface CredentialOptions {
  readonly uid?: number
  readonly effectiveUid?: number
  readonly gid?: number
  readonly effective?: bigint
  /** Else as effective. */
  readonly permitted?: bigint
}

export function credentials(options: CredentialOptions = {}): SubjectCredentials {
  const { uid = 0, effectiveUid = uid, gid = uid, effective = 0n, permitted = effective } = options
  const hex = (set: bigint) => set.toString(16).padStart(16, '0')
  const none = hex(0n)
  return {
    uid: { real: uid, effective: effectiveUid, saved: uid, fs: effectiveUid },
    gid: { real: gid, effective: gid, saved: gid, fs: gid },
    groups: [],
    capabilities: {
      ...{ inheritable: none, bounding: none, ambient: none },
      ...{ permitted: hex(permitted), effective: hex(effective) },
    },
    ...{ noNewPrivs: false, seccomp: 0, seccompFilters: 0, umask: '0022' },
  }
}

/** A process in namespaces that are numbered 1 to 8 by type, unless said otherwise. */
export function side(name: string, changes: Partial<Subject> = {}, more: Partial<Side> = {}): Side {
  const links = Object.fromEntries(NS_TYPE_NAMES.map((type, i) => [type, i + 1]))
  const children = { pid_for_children: links.pid, time_for_children: links.time }
  const pid = name === 'A' ? 100 : 200
  const subject: Subject = {
    ...{ pid, tgid: pid, ppid: 1, startTicks: '1', comm: 'x', args: ['x'], lossy: [], state: 'S' },
    ...{ kernelThread: false, threads: 1, credentials: credentials(), nsPids: [pid] },
    ...{ linkErrnos: {}, strayThreads: [], threadsUnread: 0 },
    ...changes,
    links: {
      ...{ ...links, ...children, user: INITIAL_USER, pid: INITIAL_PID },
      ...changes.links,
    } as Subject['links'],
  }
  return {
    ...{ name, subject },
    uidMap: [{ inside: 0, outside: 0, count: 0xffff_ffff }],
    gidMap: [{ inside: 0, outside: 0, count: 0xffff_ffff }],
    dumpable: true,
    mounts: [place('/'), place('/dev/shm', '0:23')],
    cgroups: [{ hierarchy: 0, controllers: [], path: '/' }],
    offsets: offsets(0),
    ancestors: null,
    ...more,
  }
}

/** A task of which the link of a type cannot be read. */
export function without(name: string, type: string, errno: string, state = 'S'): Side {
  const whole = side(name, { state, linkErrnos: { [type]: errno } })
  const links = Object.fromEntries(
    NS_LINK_NAMES.flatMap((link) => (link === type ? [] : [[link, whole.subject.links[link]]])),
  )
  return { ...whole, subject: { ...whole.subject, links } }
}

export function place(mountPoint: string, device = '8:1', group: number | null = null): MountPlace {
  // All lie on the root.
  const ids = mountPoint === '/' ? { id: 1, parentId: 0 } : { id: 2, parentId: 1 }
  return {
    ...{ ...ids, mountPoint, device, root: '/', mountOptions: 'rw', options: 'rw' },
    ...{ peerGroup: group, master: null },
  }
}

export function offsets(boot: number, monotonic = boot) {
  return {
    boottime: { seconds: boot, nanoseconds: 0 },
    monotonic: { seconds: monotonic, nanoseconds: 0 },
  }
}

/** User namespaces 10 (of uid 5, below the initial one) and 11 (below 10); PID namespaces 50, 51 likewise. */
const KINSHIP: Kinship = {
  users: new Map([
    [INITIAL_USER, { inum: INITIAL_USER, parent: null, ownerUid: 0 }],
    [10, { inum: 10, parent: INITIAL_USER, ownerUid: 5 }],
    [11, { inum: 11, parent: 10, ownerUid: 5 }],
  ]),
  pidParents: new Map([
    [INITIAL_PID, null],
    [50, INITIAL_PID],
    [51, 50],
    [60, INITIAL_PID],
  ]),
  owners: new Map(),
}

export function pair(a: Side, b: Side, more: Partial<Pair> = {}): Pair {
  return { a, b, kinship: KINSHIP, kernelIds: true, yama: null, loopback: true, ...more }
}
