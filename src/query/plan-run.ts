import { EXIT, NsxError } from '../errors.ts'
import { isSince } from '../kernel/kernel-release.ts'
import type { ActionPlan } from '../model/exec-plan.ts'
import type { RunFacts } from '../model/run-facts.ts'
import type { RunRequest } from '../model/run-request.ts'
import { NO_TERMINAL, terminalForecast } from './forecast/terminal.ts'
import { checkRun } from './run/check.ts'
import { cloneStep, unshareSteps } from './run/create.ts'
import { GROUP } from './run/groups.ts'
import { execStep, identitySteps, ownerSteps } from './run/identity.ts'
import { cgroupSteps, directorySteps, nameSteps, offsetSteps, rootSteps } from './run/inside.ts'
import { isMonitored, isSpawned } from './run/kinds.ts'
import { type IdMaps, idMapsOf, outerMapSteps, ownMapSteps } from './run/maps.ts'
import { earlyInterpreterSteps, fileSystemSteps, propagationSteps } from './run/mounts.ts'
import { notesOf } from './run/notes.ts'
import { bindSteps, pinSteps } from './run/persist.ts'
import { foretell, type Steps, step } from './run/told.ts'

/**
 * How `run` does what was asked, step by step, and what is known beforehand of each; as unshare(1) does it,
 * except that mounts and the root are changed before pid 1 begins to wait.
 *
 * @throws NsxError where it cannot be meant so, or no kernel would do it
 */
export function planRun(request: RunRequest, facts: RunFacts): ActionPlan {
  checkRun(request)
  checkCgroup(request, facts)
  const maps = idMapsOf(request, facts)
  const steps = [
    ...monitorSteps(request, facts),
    ...pinSteps(request),
    ...besideSteps(request, maps, facts),
    ...cgroupSteps(request, facts),
    ...ownerSteps(request, facts),
    ...creationSteps(request, maps, facts),
    ...earlyInterpreterSteps(request, facts),
    ...rootSteps(request, facts),
    ...fileSystemSteps(request, facts),
    ...nameSteps(request, facts),
    ...directorySteps(request, facts),
    sealStep(request),
    ...initSteps(request),
    ...identitySteps(request, maps, facts),
    execStep(request, maps, facts),
  ]
  return { steps, notes: notesOf({ request, maps, facts }), remarks: [], skipped: [] }
}

function checkCgroup({ cgroupPath }: RunRequest, { cgroup2 }: RunFacts): void {
  if (cgroupPath === null || cgroup2 !== null) return
  throw new NsxError(`--cgroup-path ${cgroupPath}: cgroup2 is not mounted here`, {
    ...{ code: 'no-cgroup2', exitCode: EXIT.unsupported, target: '--cgroup-path' },
    hint: 'as root: mount -t cgroup2 none /sys/fs/cgroup',
  })
}

function monitorSteps(request: RunRequest, facts: RunFacts): Steps {
  const execEnters = execEntersTime(facts)
  if (!isMonitored(request, execEnters)) return []
  const { statusFd } = request
  const pty = request.pty === true
  const operation = { name: 'monitor', spawns: isSpawned(request, execEnters), pty, statusFd }
  return [
    step({ ...operation, name: 'monitor' }, 'start a process that waits for the command', {
      forecast: terminalForecast(facts.caller, pty),
      advice: [NO_TERMINAL],
    }),
  ]
}

/**
 * A process enters its new time namespace by exec (Linux 6.3); before that, only its children are in it. A fork
 * does no harm where it would not be needed.
 */
function execEntersTime({ release }: RunFacts): boolean {
  return release !== null && isSince(release, 6, 3)
}

/** Whoever writes maps and binds namespaces stays outside of them. */
function besideSteps(request: RunRequest, maps: IdMaps, facts: RunFacts): Steps {
  const outside = (Object.keys(GROUP) as (keyof typeof GROUP)[]).flatMap((group) =>
    groupSteps(group, request, maps, facts),
  )
  if (outside.length === 0) return []
  return [step({ name: 'beside' }, 'start a process that stays outside')]
}

/** The steps of a group; none: nobody has to be let do them. */
function groupSteps(
  group: keyof typeof GROUP,
  request: RunRequest,
  maps: IdMaps,
  facts: RunFacts,
): Steps {
  const binds = bindSteps(group, request, facts)
  if (group !== 'outside') return binds
  const written = outerMapSteps(maps, facts).map((each) => ({ ...each, group: GROUP.outside }))
  const offsets = offsetSteps(request, facts).filter(({ group }) => group !== undefined)
  return [...written, ...offsets, ...binds]
}

/** Up to where the process that becomes the command is in all its namespaces, with ids and mounts of its own. */
function creationSteps(request: RunRequest, maps: IdMaps, facts: RunFacts): Steps {
  const steps = (group: keyof typeof GROUP) => groupSteps(group, request, maps, facts)
  const outside = steps('outside')
  const own = ownMapSteps(maps, facts)
  const clocks = offsetSteps(request, facts).filter(({ group }) => group === undefined)
  if (request.clone) {
    const go = outside.length > 0 ? GROUP.outside : null
    return [cloneStep(request, facts, go), ...outside, ...own, ...propagationSteps(request, facts)]
  }
  return [
    ...unshareSteps(request, facts),
    ...own,
    ...outside,
    ...goSteps(outside, GROUP.outside),
    ...clocks,
    ...propagationSteps(request, facts),
    ...steps('mnt'),
    ...goSteps(steps('mnt'), GROUP.mnt),
    ...spawnSteps(request, steps('pid'), facts),
  ]
}

function goSteps(steps: Steps, to: number): Steps {
  return steps.length === 0 ? [] : [step({ name: 'go', to }, 'have the process outside do that')]
}

function spawnSteps(request: RunRequest, binds: Steps, facts: RunFacts): Steps {
  if (!isSpawned(request, execEntersTime(facts))) return []
  const go = binds.length > 0 ? GROUP.pid : null
  const told = foretell(
    [],
    [
      { errno: 'EAGAIN', why: 'a limit of processes is reached (ulimit -u, pids.max)', hint: null },
      { errno: 'ENOMEM', why: 'the PID namespace is dead already', hint: null },
    ],
  )
  const of = request.namespaces.has('pid') ? 'PID' : 'time'
  const what = `start the first process of the ${of} namespace`
  return [step({ name: 'spawn', flags: 0, go }, what, told), ...binds]
}

/** Nothing of nsx is left to be looked at, or to be taken, by what runs inside. */
function sealStep({ preserveFds, statusFd }: RunRequest) {
  const keep = Array.from({ length: preserveFds }, (_, i) => 3 + i).filter((fd) => fd !== statusFd)
  const others = [
    {
      errno: 'EBADF',
      why: 'one of the descriptors to keep is not open',
      hint: 'see --preserve-fds',
    },
  ]
  return step({ name: 'seal', keep }, 'close what the command is not to have', foretell([], others))
}

function initSteps({ namespaces, init }: RunRequest): Steps {
  if (!namespaces.has('pid') || !init) return []
  return [step({ name: 'init' }, 'start an init, which reaps and forwards signals')]
}
