import { CAPABILITIES, type Capability } from '../../../src/kernel/capabilities.ts'
import type { NsType } from '../../../src/kernel/namespace-types.ts'
import type { Caller } from '../../../src/model/caller.ts'
import type { ActionPlan, Operation, PlannedStep } from '../../../src/model/exec-plan.ts'
import type { PathPlace, RunFacts } from '../../../src/model/run-facts.ts'
import type { AskedMap, RunRequest } from '../../../src/model/run-request.ts'
import type { Subject } from '../../../src/model/subject.ts'
import { planRun } from '../../../src/query/plan-run.ts'
import { credentials, INITIAL_PID, side } from '../rules/pairs.ts'

export const INITIAL_USER = 4026531837
const INITIAL_TIME = 4026531834
const ALL = (1n << BigInt(CAPABILITIES.length)) - 1n
const ALL_IDS = [{ inside: 0, outside: 0, count: 0xffff_ffff }]

export const NO_MAP: AskedMap = { self: null, ranges: [] }
export const ROOT_MAP: AskedMap = { self: 0, ranges: [] }

/** Types without files. */
export function types(...names: NsType[]): Map<NsType, string | null> {
  return new Map(names.map((name) => [name, null]))
}

export function request(changes: Partial<RunRequest> = {}): RunRequest {
  return {
    ...{ namespaces: types(), fork: false, init: true, clone: false },
    ...{ uidMap: NO_MAP, gidMap: NO_MAP, owner: null, setgroups: null, propagation: null },
    ...{ mountProc: null, mountBinfmt: null, loadInterpreter: null },
    ...{ root: null, workingDirectory: null, uid: null, gid: null },
    ...{ monotonic: null, boottime: null, killChild: null, keepCapabilities: false },
    ...{ clearEnvironment: false, environmentKept: [], hostname: null, loopback: false },
    ...{ cgroupPath: null, pty: null, preserveFds: 0, statusFd: null, dryRun: false },
    command: ['true'],
    ...changes,
  }
}

interface Who {
  readonly uid?: number
  readonly effective?: bigint
  readonly links?: Subject['links']
  readonly seccomp?: 0 | 2
  readonly noNewPrivs?: boolean
}

export function caller(who: Who = {}, changes: Partial<Caller> = {}): Caller {
  const { uid = 0, effective = uid === 0 ? ALL : 0n, links = {} } = who
  const { seccomp = 0, noNewPrivs = false } = who
  const { subject } = side('A', {
    credentials: { ...credentials({ uid, effective }), seccomp, noNewPrivs },
    links: { pid_for_children: INITIAL_PID, time: INITIAL_TIME, ...links },
  })
  const owners = [subject.links.mnt, subject.links.pid] as number[]
  return {
    subject,
    kinship: {
      users: new Map([[INITIAL_USER, { inum: INITIAL_USER, parent: null, ownerUid: 0 }]]),
      pidParents: new Map([[INITIAL_PID, null]]),
      owners: new Map(owners.map((inum) => [inum, INITIAL_USER])),
    },
    ...{
      kernelIds: true,
      uidMap: ALL_IDS,
      gidMap: ALL_IDS,
      setgroups: true,
      chrooted: false,
      rootIsMount: true,
      terminal: false,
    },
    ...{ environment: ['PATH=/bin', 'HOME=/root'], openFiles: null, shell: '/bin/bash' },
    ...changes,
  }
}

/** Root of a whole machine, unless said otherwise. */
export function facts(changes: Partial<RunFacts> = {}): RunFacts {
  return {
    ...{ caller: caller(), userName: 'root', release: { major: 6, minor: 18 }, uptime: 1000 },
    ...{ missing: [], limits: {}, levels: { user: 0, pid: 0 }, unprivilegedUsers: null },
    ...{ appArmorRestricts: false, appArmorProfile: null },
    files: null,
    uids: { subids: null, tool: null },
    gids: { subids: null, tool: null },
    ...{ setgroups: true, procVisible: true, binfmt: true, cgroup2: '/sys/fs/cgroup' },
    places: new Map(),
    ...changes,
  }
}

/** uid 1000, with ranges in /etc/subuid and /etc/subgid and the tools. */
export function ordinary(changes: Partial<RunFacts> = {}, who: Who = {}): RunFacts {
  const subids = [{ first: 100000, count: 65536 }]
  return facts({
    ...{ caller: caller({ uid: 1000, ...who }), userName: 'alice' },
    uids: { subids, tool: { path: '/usr/bin/newuidmap', setuid: true } },
    gids: { subids, tool: { path: '/usr/bin/newgidmap', setuid: true } },
    ...changes,
  })
}

export function lacking(...capabilities: Capability[]): bigint {
  return capabilities.reduce((all, name) => all & ~(1n << BigInt(CAPABILITIES.indexOf(name))), ALL)
}

export function place(changes: Partial<PathPlace> = {}): PathPlace {
  return { kind: 'file', folder: true, mounted: false, shared: false, ...changes }
}

export function plan(changes: Partial<RunRequest>, known: RunFacts = facts()): ActionPlan {
  return planRun(request(changes), known)
}

export function names({ steps }: ActionPlan): string[] {
  return steps.map(({ operation }) => operation.name)
}

type Named<Name extends Operation['name']> = Extract<Operation, { name: Name }>

/** The operations of a name, in order. */
export function all<Name extends Operation['name']>(
  { steps }: ActionPlan,
  name: Name,
): Named<Name>[] {
  return steps
    .map(({ operation }) => operation)
    .filter((each) => each.name === name) as Named<Name>[]
}

export function stepOf({ steps }: ActionPlan, name: Operation['name']): PlannedStep {
  const found = steps.find(({ operation }) => operation.name === name)
  if (!found) throw new Error(`there is no ${name}`)
  return found
}

/** What is written to a file of the process. */
export function written(made: ActionPlan, file: string): string | undefined {
  return all(made, 'writeOwn').find((operation) => operation.file === file)?.text
}

export function failures({ steps }: ActionPlan) {
  return steps
    .filter(({ forecast }) => forecast.outcome === 'fails')
    .map(({ operation, forecast }) => ({
      ...{ name: operation.name, errno: forecast.errno, why: forecast.why, hint: forecast.hint },
    }))
}
