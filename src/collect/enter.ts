import type { Host, NsFacts } from '../host/port.ts'
import { type CgroupMembership, parseCgroupMemberships } from '../kernel/cgroup-membership.ts'
import { variableOf } from '../kernel/environ.ts'
import { type MountinfoLine, parseMountinfo } from '../kernel/mountinfo.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import { programPaths, USUAL_PATH } from '../kernel/program-paths.ts'
import type { Caller } from '../model/caller.ts'
import { mayActOn } from '../model/container-owner.ts'
import type { EnterFacts, EnterTarget, UserMaps } from '../model/enter-facts.ts'
import type { EnterRequest } from '../model/enter-request.ts'
import type { SeenFiles } from '../model/seen-files.ts'
import type { Subject } from '../model/subject.ts'
import type { ContainerCandidate } from '../model/target.ts'
import { collectCaller, handlesOf, readFileBelow, readLimits, readMap } from './caller.ts'
import { type FoundSource, findSource } from './enter-sources.ts'
import { type Finding, findTask, readEnterTarget, readOomScore } from './enter-target.ts'
import { confirmSubject } from './inspecting.ts'
import { listContainers } from './list-containers.ts'
import { pidOf } from './missing-task.ts'
import type { Containers } from './resolve-target.ts'
import { readKinds } from './seen-files.ts'
import { readSubject } from './subject.ts'
import { attempt } from './task-links.ts'

/** The container that a target names, those first that are to be trusted (query/match-container.ts). */
export type PickTrusted = (
  ...how: [...Parameters<Containers['pick']>, isTrusted: (one: ContainerCandidate) => boolean]
) => ContainerCandidate

/**
 * Looks at all that a plan of `enter` rests on: the caller, the target, the namespaces that were named, and how
 * they are related. What only a forecast needs may be missing.
 *
 * @param pick the one container that a target names (query/match-container.ts)
 * @throws NsxError where the target, or a namespace that was named, is not there, or may not be trusted
 */
export async function collectEnter(
  host: Host,
  request: EnterRequest,
  pick: PickTrusted,
): Promise<EnterFacts> {
  const self = pidOf(host, 'self')
  const callerUid = readSubject(host, self).credentials?.uid.effective ?? 0
  let all: ReturnType<typeof listContainers> | undefined
  const list = () => (all ??= listContainers(host))
  const containers: Containers = {
    list,
    pick: (target, among) => pick(target, among, (one) => mayActOn(one, target, callerUid)),
  }
  const finding: Finding = { host, callerUid, containers }
  const subject = await findTarget(finding, request)
  const target = subject && readEnterTarget(host, subject, request)
  const sources = await findSources(finding, request)
  const found = [...sources.values()]
  const socket = subject && socketOf(host, subject, request.netSocket)
  const caller = await collectCaller(host, {
    others: [
      ...(target && subject ? handlesOf({ pid: handlePid(target), links: target.inums }) : []),
      ...found.flatMap(({ handle }) => handle ?? []),
    ],
    told: socket?.facts ?? [],
    shell: request.command.length === 0,
  })
  const files = await readFiles(host, { request, target, sources, caller })
  if (subject) confirmSubject(host, subject)
  return {
    ...{ caller, target, ...files },
    named: new Map([...sources].map(([type, { source }]) => [type, source])),
    socketNamespace: socket?.inum ?? null,
    pidfdSetns: isAtLeast(host, 5, 8),
    maps: mapsOf(host, target, found),
    ...cgroupFacts(host, self, request),
    callerLimits: request.like ? readLimits(host, String(self)) : [],
    callerOomScore: request.like ? readOomScore(host, String(self)) : null,
  }
}

async function findTarget(finding: Finding, { target }: EnterRequest): Promise<Subject | null> {
  if (target === null) return null
  if (target.kind === 'process' || target.kind === 'container' || target.kind === 'inner') {
    return findTask(finding, target)
  }
  throw new Error(`${target.text} is no task`)
}

async function findSources(
  finding: Finding,
  { namespaces }: EnterRequest,
): Promise<Map<NsType, FoundSource>> {
  const sources = new Map<NsType, FoundSource>()
  for (const [type, source] of namespaces) {
    if (source.from === 'named') sources.set(type, await findSource(finding, type, source.target))
  }
  return sources
}

/** A thread's links are reached as those of a process are: /proc/TID is there, too. */
function handlePid({ folder }: EnterTarget): number {
  return Number(folder.slice(folder.lastIndexOf('/') + 1))
}

interface SocketFacts {
  readonly inum: number | null
  /** Of it, its owner and that one's ancestors. */
  readonly facts: readonly NsFacts[]
}

/** The network namespace of a socket of the target; null: it cannot be told. */
function socketOf(host: Host, { tgid }: Subject, fd: number | null): SocketFacts | null {
  if (fd === null || !host.socketNamespaces) return null
  const link = attempt(() => host.procfs.link(`${tgid}/fd/${fd}`), `process ${tgid}`)
  const [, inode] = 'value' in link ? (/^socket:\[(\d+)\]$/.exec(link.value) ?? []) : []
  if (inode === undefined) return null
  const { inums, facts } = host.socketNamespaces({
    ...{ pids: Int32Array.of(tgid), fds: Int32Array.of(fd) },
    inodes: Float64Array.of(Number(inode)),
  })
  return { inum: inums[0] || null, facts }
}

/** A setns(2) with a pidfd cannot be tried without entering. */
function isAtLeast({ procfs }: Host, major: number, minor: number): boolean {
  const answer = attempt(() => procfs.text('sys/kernel/osrelease'), 'sys')
  const [, first, second] = 'value' in answer ? (/^(\d+)\.(\d+)/.exec(answer.value) ?? []) : []
  const version = Number(first ?? 0) * 1000 + Number(second ?? 0)
  return version >= major * 1000 + minor
}

function mapsOf(
  host: Host,
  target: EnterTarget | null,
  found: readonly FoundSource[],
): Map<number, UserMaps> {
  const tasks = [
    ...(target ? [{ user: target.inums.user, pid: handlePid(target) }] : []),
    ...found.flatMap(({ subject }) =>
      subject ? [{ user: subject.links.user, pid: subject.pid }] : [],
    ),
  ]
  const maps = new Map<number, UserMaps>()
  for (const { user, pid } of tasks) {
    if (user === undefined || maps.has(user)) continue
    maps.set(user, {
      ...{ uids: readMap(host, `${pid}/uid_map`), gids: readMap(host, `${pid}/gid_map`) },
    })
  }
  return maps
}

/** Where the command will look for its files, and what is needed of them. */
async function readFiles(
  host: Host,
  how: {
    readonly request: EnterRequest
    readonly target: EnterTarget | null
    readonly sources: ReadonlyMap<NsType, FoundSource>
    readonly caller: Caller
  },
): Promise<Pick<EnterFacts, 'passwd' | 'resolvConf' | 'files'>> {
  const { request, target } = how
  const root = filesRoot(host, how)
  const { keepEnvironment, targetEnvironment, command } = request
  const wanted = command.length === 0 || !(keepEnvironment || targetEnvironment)
  return {
    passwd: wanted && root !== null ? await readFileBelow(host, root, 'etc/passwd') : null,
    resolvConf:
      request.dns && target
        ? await readFileBelow(host, `${target.folder}/root`, 'etc/resolv.conf')
        : null,
    files: request.dryRun ? await readSeen(host, { ...how, root }) : null,
  }
}

/** By what way ever the command will come by its PATH. */
async function readSeen(
  host: Host,
  how: {
    readonly request: EnterRequest
    readonly target: EnterTarget | null
    readonly sources: ReadonlyMap<NsType, FoundSource>
    readonly caller: Caller
    readonly root: string | null
  },
): Promise<SeenFiles> {
  const { request, target, caller } = how
  const { command, innerDirectory } = request
  // What is our own already is not entered.
  const leavesChroot = request.namespaces.has('mnt') && caller.chrooted === true
  const isOwn = request.root === null && !leavesChroot && isOwnMount(how)
  const root = isOwn ? null : how.root
  const [program = ''] = command
  const environments = [caller.environment, target?.environment ?? []]
  const paths = [
    ...environments.flatMap((each) => programPaths(program, variableOf(each, 'PATH'))),
    ...(root === null ? [] : programPaths(program, USUAL_PATH)),
    ...(innerDirectory?.startsWith('/') ? [innerDirectory] : []),
  ]
  // A mount namespace has a root of its own, which need not be that of a process in it.
  const certain = root === null || request.root !== null || target?.chrooted === false
  const at = await readKinds(host, root, [...new Set(paths)])
  return { elsewhere: root !== null, certain, at }
}

function isOwnMount({
  target,
  caller,
  sources,
}: {
  readonly target: EnterTarget | null
  readonly caller: Caller
  readonly sources: ReadonlyMap<NsType, FoundSource>
}): boolean {
  const mnt = sources.get('mnt')
  const inum = mnt ? mnt.source.inum : target?.inums.mnt
  return inum === caller.subject.links.mnt
}

function filesRoot(
  { procfs }: Host,
  {
    request,
    target,
    sources,
  }: {
    readonly request: EnterRequest
    readonly target: EnterTarget | null
    readonly sources: ReadonlyMap<NsType, FoundSource>
  },
): string | null {
  const { root, namespaces, all } = request
  if (root !== null && root !== 'target') return root.path
  const mnt = sources.get('mnt')
  if (mnt && root === null) return mnt.subject && procfs.path(`${mnt.subject.pid}/root`)
  const isEntered = all || namespaces.size === 0 || namespaces.has('mnt')
  return target && (root === 'target' || isEntered) ? `${target.folder}/root` : null
}

function cgroupFacts(
  host: Host,
  self: number,
  { joinCgroup }: EnterRequest,
): Pick<EnterFacts, 'cgroupMounts' | 'callerCgroups'> {
  if (!joinCgroup) return { cgroupMounts: [], callerCgroups: null }
  const { procfs } = host
  const mounts = attempt(() => parseMountinfo(procfs.text(`${self}/mountinfo`)), 'mountinfo')
  const cgroups = attempt(() => parseCgroupMemberships(procfs.bytes(`${self}/cgroup`)), 'cgroup')
  const isCgroup = ({ fsType }: MountinfoLine) => fsType === 'cgroup' || fsType === 'cgroup2'
  return {
    cgroupMounts: 'value' in mounts ? mounts.value.filter(isCgroup) : [],
    callerCgroups: 'value' in cgroups ? (cgroups.value as CgroupMembership[] | null) : null,
  }
}
