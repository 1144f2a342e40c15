import type { Host } from '../host/port.ts'
import { variableOf } from '../kernel/environ.ts'
import { parseKernelRelease } from '../kernel/kernel-release.ts'
import { type MountinfoLine, parseMountinfo } from '../kernel/mountinfo.ts'
import { isInitialInum, NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'
import { programPaths } from '../kernel/program-paths.ts'
import { parseProfile } from '../kernel/security-label.ts'
import type { Caller } from '../model/caller.ts'
import type { RunFacts } from '../model/run-facts.ts'
import type { RunRequest } from '../model/run-request.ts'
import type { SeenFiles } from '../model/seen-files.ts'
import { collectCaller } from './caller.ts'
import { readOwnIds } from './run-ids.ts'
import { cgroup2Of, isProcVisible, readPlaces } from './run-mounts.ts'
import { readKinds } from './seen-files.ts'
import { attempt } from './task-links.ts'

/**
 * Looks at all that decides whether `run` will work. What cannot be read is null, for only a forecast needs it.
 *
 * @throws NsxError where the procfs does not show our own process
 */
export async function collectRun(host: Host, request: RunRequest): Promise<RunFacts> {
  const caller = await collectCaller(host, { shell: request.command.length === 0 })
  const { pid, linkErrnos, credentials } = caller.subject
  const mounts = readMounts(host, pid)
  const uid = credentials?.uid.real ?? 0
  const user = { uid, name: host.userName(uid) }
  const uptime = read(host, 'uptime')
  const setgroups = read(host, `${pid}/setgroups`)
  return {
    ...{ caller, userName: user.name },
    release: parseKernelRelease(read(host, 'sys/kernel/osrelease') ?? ''),
    uptime: uptime === null ? null : Number.parseFloat(uptime),
    missing: NS_TYPE_NAMES.filter((type) => linkErrnos[type] === 'ENOENT'),
    limits: readLimits(host),
    levels: levelsOf(caller),
    ...readSettings(host, pid),
    uids: await readOwnIds(host, 'uid', { user, asked: request.uidMap.ranges.length > 0 }),
    gids: await readOwnIds(host, 'gid', { user, asked: request.gidMap.ranges.length > 0 }),
    setgroups: setgroups === null ? null : setgroups.startsWith('allow'),
    procVisible: mounts && isProcVisible(mounts),
    binfmt: read(host, 'filesystems')?.includes('\tbinfmt_misc\n') ?? null,
    cgroup2: mounts && cgroup2Of(mounts),
    places: readPlaces(request, mounts),
    files: request.dryRun ? await readFiles(host, request, caller) : null,
  }
}

/** With another root also the directories that are named for it (readPlaces() has those of our own). */
async function readFiles(
  host: Host,
  { root, command, workingDirectory, mountProc, mountBinfmt }: RunRequest,
  { environment, shell }: Caller,
): Promise<SeenFiles> {
  const [program = shell ?? ''] = command
  const directories = root === null ? [] : [workingDirectory, mountProc, mountBinfmt]
  const paths = [
    ...programPaths(program, variableOf(environment, 'PATH')),
    // Where it is not kept.
    ...programPaths(program, null),
    ...directories.filter((path) => path?.startsWith('/') === true),
  ]
  const at = await readKinds(host, root, paths as string[])
  return { elsewhere: root !== null, certain: true, at }
}

/** Null: it cannot be read, or this kernel has no such file. */
function read({ procfs }: Host, file: string): string | null {
  const answer = attempt(() => procfs.text(file), file)
  return 'value' in answer ? answer.value : null
}

function readNumber(host: Host, file: string): number | null {
  const text = read(host, file)?.trim()
  return text && /^\d+$/.test(text) ? Number(text) : null
}

function readMounts(host: Host, pid: number): MountinfoLine[] | null {
  const text = read(host, `${pid}/mountinfo`)
  return text === null ? null : parseMountinfo(text)
}

/** user.max_*_namespaces of the reader's own user namespace: that is what the files show. */
export function readLimits(host: Host): RunFacts['limits'] {
  const limits: Partial<Record<NsType, number>> = {}
  for (const type of NS_TYPE_NAMES) {
    const limit = readNumber(host, `sys/user/max_${type}_namespaces`)
    if (limit !== null) limits[type] = limit
  }
  return limits
}

export function readSettings(
  host: Host,
  pid: number,
): Pick<RunFacts, 'unprivilegedUsers' | 'appArmorRestricts' | 'appArmorProfile'> {
  const clone = readNumber(host, 'sys/kernel/unprivileged_userns_clone')
  const restricts = readNumber(host, 'sys/kernel/apparmor_restrict_unprivileged_userns') === 1
  const profile = restricts ? read(host, `${pid}/attr/apparmor/current`) : null
  return {
    unprivilegedUsers: clone === null ? null : clone !== 0,
    appArmorRestricts: restricts,
    appArmorProfile: profile === null ? null : (parseProfile(profile)?.name ?? null),
  }
}

export function levelsOf({
  subject,
  kinship,
}: Pick<Caller, 'subject' | 'kinship'>): RunFacts['levels'] {
  return {
    user: levelOf(subject.links.user, (inum) => kinship.users.get(inum)?.parent),
    pid: levelOf(subject.links.pid, (inum) => kinship.pidParents.get(inum)),
  }
}

/** How many steps it is up to the initial one; null: it is out of sight. */
function levelOf(
  inum: number | undefined,
  parentOf: (inum: number) => number | null | undefined,
): number | null {
  let level = 0
  let at: number | null | undefined = inum
  while (typeof at === 'number' && !isInitialInum(at)) {
    at = parentOf(at)
    level++
  }
  return typeof at === 'number' ? level : null
}
