import { setTimeout as delay } from 'node:timers/promises'
import { errnoName } from '../host/errno-name.ts'
import type { Host } from '../host/port.ts'
import { errnoOf, throwIfOurs } from '../host/system-error.ts'
import { isGone } from '../kernel/errno.ts'
import { type MountinfoLine, parseMountinfo } from '../kernel/mountinfo.ts'
import { parseProcStat } from '../kernel/proc-stat.ts'
import { parseStatus } from '../kernel/proc-status.ts'
import { parseTracerPid } from '../kernel/tracer-pid.ts'
import type { Checkup, LingeringProcess } from '../model/checkup.ts'
import type { PlacedProcess, Population } from '../model/population.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { readerNamespaces } from './context.ts'
import { newDraft } from './draft.ts'
import { orExplain } from './host-failure.ts'
import { collectPopulation } from './population.ts'
import { collectWholeMachine, type WholeReading } from './whole-machine.ts'

export interface CheckupRequest extends Omit<WholeReading, 'cmdlineBytes'> {
  /** Which processes are looked at closely: those that findings can be about. */
  readonly closely: (population: Population) => readonly number[]
  /** Since when a mounted namespace has been held open (host/mount-time.ts); null: nobody can be asked. */
  readonly heldSince: ((path: string, inum: number) => string | null) | null
}

/** Whatever is just about to end has done so by then. */
const A_MOMENT_MS = 250

/**
 * Reads a machine with all that the checks of `doctor` ask of it.
 *
 * @throws NsxError when our own resources run out.
 */
export async function collectCheckup(host: Host, request: CheckupRequest): Promise<Checkup> {
  try {
    const snapshot = collectWholeMachine(host, { ...request, cmdlineBytes: 0 })
    const { closely } = request
    const reading = { allContainers: false, closely, cmdlineBytes: 0 }
    const population = await collectPopulation(host, snapshot, reading)
    request.observer?.phase('population')
    const suspects = suspectsOf(population)
    if (suspects.length > 0) await delay(A_MOMENT_MS)
    return orExplain(host, () => checkup(host, request, { population, suspects }))
  } finally {
    request.observer?.end()
  }
}

interface Found {
  readonly population: Population
  readonly suspects: readonly PlacedProcess[]
}

function checkup(host: Host, { heldSince, now }: CheckupRequest, found: Found): Checkup {
  const { population, suspects } = found
  const { snapshot } = population
  const mounts = readMounts(host)
  return {
    population,
    readerMounts: readerNamespaces(host, newDraft()).get('mnt') ?? null,
    lingering: readLingering(host, suspects),
    unborn: readUnborn(host, snapshot),
    innerUntold: snapshot.coverage.hidepid || hasInnerUntold(host, snapshot),
    staleNames: mounts ? readStaleNames(host, mounts) : [],
    mountedSince: heldSince && mounts ? timesOfMounts(snapshot, mounts, heldSince) : {},
    startedAt: startTimes(host, snapshot, now),
  }
}

/** Members of PID namespaces other than the initial one that do not look alive. */
function suspectsOf({ snapshot, placed, initial }: Population): PlacedProcess[] {
  const whole = new Set<number>()
  const inner = new Set<number>()
  for (const { type, inum, members } of snapshot.namespaces) {
    if (type === 'pid' && !initial.includes(inum)) for (const pid of members) inner.add(pid)
    if (type !== 'pid' && type !== 'user') for (const pid of members) whole.add(pid)
  }
  const isOdd = ({ pid, state }: PlacedProcess): boolean => !whole.has(pid) || /[ZXDt]/.test(state)
  return placed.filter((process) => inner.has(process.pid) && isOdd(process))
}

function readLingering(host: Host, suspects: readonly PlacedProcess[]): LingeringProcess[] {
  const pids = suspects.map(({ pid }) => pid)
  if (pids.length === 0) return []
  const texts = host.readProcesses(pids, { status: true, cmdlineBytes: 0 })
  return suspects.flatMap(({ pid, startTicks, state: before }, i) => {
    const { stat, status } = texts[i] ?? {}
    const parsed = Buffer.isBuffer(stat) ? parseProcStat(stat) : null
    if (parsed?.startTicks !== startTicks) return []
    const { state } = parsed
    if (before === 'D' && state !== 'D') return []
    const tracer = Buffer.isBuffer(status) ? parseTracerPid(status) : null
    return [{ pid, state, tracer }]
  })
}

/**
 * A PID namespace without processes waits for its first one, or its init has ended: only in the first case the
 * link to it is not there (pidns_for_children_get() in kernel/pid_namespace.c).
 */
function readUnborn({ procfs }: Host, { namespaces }: Snapshot): number[] {
  const isUnborn = (task: number): boolean => {
    const link = attempt(() => procfs.link(`${task}/ns/pid_for_children`), `process ${task}`)
    return link === null && procfs.exists(`${task}/ns`)
  }
  return namespaces.flatMap(({ type, inum, members, holders }) => {
    if (type !== 'pid' || members.length > 0) return []
    const waiting = holders.find(({ kind }) => kind === 'forChildren')
    const task = waiting?.tid ?? waiting?.pid ?? null
    return task !== null && isUnborn(task) ? [inum] : []
  })
}

/** So many unreadable processes are those of everybody else: then nobody can tell anyway. */
const MOST_UNTOLD = 4096

/** A link that may not be read is of no PID namespace below ours where the process has one pid alone. */
function hasInnerUntold(host: Host, { namespaces }: Snapshot): boolean {
  const told = new Set<number>()
  for (const { type, members } of namespaces) {
    if (type === 'pid') for (const pid of members) told.add(pid)
  }
  const untold = [...host.listPids()].filter((pid) => !told.has(pid))
  if (untold.length > MOST_UNTOLD) return true
  const texts = host.readProcesses(untold, { status: true, cmdlineBytes: 0 })
  return texts.some(({ status }) => {
    if (typeof status === 'string') return !isGone(status)
    return (status && parseStatus(status)?.nsPids.length) !== 1
  })
}

/** Where names of network namespaces are kept: iproute2, CNI and podman; docker (ip-netns(8)). */
const NAME_FOLDERS = ['/run/netns', '/run/docker/netns']

/** Files in those folders on which no namespace is mounted (any more). */
function readStaleNames({ procfs }: Host, mounts: readonly MountinfoLine[]): string[] {
  const isMounted = new Set(mounts.map(({ mountPoint }) => mountPoint))
  return NAME_FOLDERS.flatMap((folder) => {
    const names = attempt(() => procfs.names(`self/root${folder}`), folder) ?? []
    return names.map((name) => `${folder}/${name}`).filter((path) => !isMounted.has(path))
  }).sort()
}

/** Null: a procfs that shows no mounts of ours. */
function readMounts({ procfs }: Host): MountinfoLine[] | null {
  return attempt(() => parseMountinfo(procfs.text('self/mountinfo')), 'self/mountinfo')
}

/** File systems that answer without asking anybody. */
const LOCAL: ReadonlySet<string> = new Set([
  ...['bcachefs', 'btrfs', 'devtmpfs', 'erofs', 'ext2', 'ext3', 'ext4', 'f2fs', 'nsfs', 'overlay'],
  ...['ramfs', 'rootfs', 'squashfs', 'tmpfs', 'xfs'],
])

function timesOfMounts(
  { namespaces }: Snapshot,
  mounts: readonly MountinfoLine[],
  heldSince: NonNullable<CheckupRequest['heldSince']>,
): Record<string, string> {
  // Of several on one path the last one is on top.
  const top = new Map(mounts.map(({ mountPoint, fsType }) => [mountPoint, fsType]))
  const times: Record<string, string> = {}
  for (const { inum, members, holders } of namespaces) {
    if (members.length > 0) continue
    for (const { kind, path } of holders) {
      if (kind !== 'mount' || path === null || !isLocal(path, top)) continue
      const since = heldSince(path, inum)
      if (since !== null) times[path] = since
    }
  }
  return times
}

/** The way to it leads through no file system that might keep us waiting. */
function isLocal(path: string, top: ReadonlyMap<string, string>): boolean {
  for (let at = path; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const fsType = top.get(at === '' ? '/' : at)
    if (fsType !== undefined && !LOCAL.has(fsType)) return false
    if (at === '') return top.get(path) === 'nsfs'
  }
}

/** USER_HZ, the same on all machines of today (time(7)). */
const TICKS_A_SECOND = 100

function startTimes(host: Host, { processes }: Snapshot, now: Date): Record<number, string> {
  const text = attempt(() => host.procfs.text('uptime'), 'uptime')
  const uptime = Number.parseFloat(text ?? '')
  if (!Number.isFinite(uptime)) return {}
  const boot = now.getTime() - uptime * 1000
  return Object.fromEntries(
    processes.map(({ pid, startTicks }) => {
      const started = boot + (Number(startTicks) / TICKS_A_SECOND) * 1000
      return [pid, new Date(Math.round(started)).toISOString()]
    }),
  )
}

/** Null where it cannot be read: what is asked here is a help, and no source. */
function attempt<T>(ask: () => T, what: string): T | null {
  try {
    return ask()
  } catch (error) {
    throwIfOurs(errnoName(errnoOf(error)), what)
    return null
  }
}
