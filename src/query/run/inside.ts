import { cgroupFolder } from '../../kernel/cgroup-folder.ts'
import { isInitialInum } from '../../kernel/namespace-types.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { RunRequest } from '../../model/run-request.ts'
import { GROUP } from './groups.ts'
import { insideCauses, placeCauses } from './places.ts'
import { givenTo, strangerCauses } from './stranger.ts'
import { type Cause, foretell, ownCapabilityCauses, type Steps, step } from './told.ts'

/** Of a result, in seconds: KTIME_SEC_MAX / 2 (proc_timens_set_offset()). */
const LAST_SECOND = 4_611_686_018

/** The clocks of the new time namespace, before anybody is in it (time_namespaces(7)). */
export function offsetSteps(request: RunRequest, facts: RunFacts): Steps {
  const { monotonic, boottime, owner } = request
  const clocks = [
    { name: 'monotonic', seconds: monotonic },
    { name: 'boottime', seconds: boottime },
  ].flatMap(({ name, seconds }) => (seconds === null ? [] : [{ name, seconds }]))
  if (clocks.length === 0) return []
  const text = clocks.map(({ name, seconds }) => `${name} ${seconds} 0\n`).join('')
  const shown = clocks.map(({ name, seconds }) => `${name} ${seconds} s`).join(', ')
  const causes = [
    ...rightsInside('CAP_SYS_TIME', request, facts),
    ...strangerCauses(givenTo(request, facts), facts, { capability: 'CAP_SYS_TIME' }),
    ...clocks.flatMap(({ name, seconds }) => rangeCauses(name, seconds, facts)),
  ]
  const told = foretell(causes, [
    { errno: 'ERANGE', why: 'a clock would show less than 0, or more than 146 years', hint: null },
  ])
  // Its own files are no longer its own once it has become another user.
  const extra = owner === null ? {} : { group: GROUP.outside }
  const operation = { name: 'writeOwn', file: 'timens_offsets', text } as const
  return [step(operation, `move the clocks (${shown})`, told, extra)]
}

function rangeCauses(name: string, seconds: number, { uptime, caller }: RunFacts): Cause[] {
  const { time } = caller.subject.links
  if (uptime === null || time === undefined || !isInitialInum(time)) return []
  const shows = seconds + uptime
  if (shows >= 0 && shows <= LAST_SECOND) return []
  const why = `the ${name} clock would show ${shows < 0 ? 'less than 0' : 'more than 146 years'}`
  const hint = `it shows about ${Math.floor(uptime)} s now: name an offset that leaves it above 0`
  return [{ errno: 'ERANGE', why, hint, certain: true }]
}

/** In a user namespace of its own, the process has every capability. */
function rightsInside(
  capability: 'CAP_SYS_TIME' | 'CAP_NET_ADMIN' | 'CAP_SYS_CHROOT',
  { namespaces }: RunRequest,
  facts: RunFacts,
): Cause[] {
  return namespaces.has('user') ? [] : ownCapabilityCauses(facts, capability)
}

export function nameSteps(request: RunRequest, facts: RunFacts): Steps {
  const { hostname, loopback } = request
  const down = foretell(rightsInside('CAP_NET_ADMIN', request, facts))
  return [
    ...(hostname === null
      ? []
      : [step({ name: 'hostname', text: hostname }, `set the host name to ${hostname}`)]),
    ...(loopback ? [step({ name: 'loopback' }, 'bring the loopback interface up', down)] : []),
  ]
}

export function rootSteps(request: RunRequest, facts: RunFacts): Steps {
  const { root } = request
  if (root === null) return []
  const causes = [
    ...placeCauses(root, 'directory', facts),
    ...rightsInside('CAP_SYS_CHROOT', request, facts),
  ]
  const told = foretell(causes, noDirectory(root))
  return [step({ name: 'chrootPath', path: root }, `change the root directory to ${root}`, told)]
}

export function directorySteps({ root, workingDirectory }: RunRequest, facts: RunFacts): Steps {
  if (workingDirectory === null) return []
  const causes = insideCauses(workingDirectory, root, facts)
  const what = `change the working directory to ${workingDirectory}`
  const told = foretell(causes, noDirectory(workingDirectory))
  return [step({ name: 'chdirPath', path: workingDirectory }, what, told)]
}

function noDirectory(path: string) {
  const hint = 'name a directory that is there'
  return [
    { errno: 'ENOENT', why: `there is no ${path}`, hint },
    { errno: 'ENOTDIR', why: `${path} is no directory`, hint },
    { errno: 'EACCES', why: `${path} may not be searched`, hint },
  ]
}

/** Before everything else, so that a new cgroup namespace begins there. */
export function cgroupSteps({ cgroupPath }: RunRequest, facts: RunFacts): Steps {
  if (cgroupPath === null || facts.cgroup2 === null) return []
  const folder = cgroupFolder(facts.cgroup2, cgroupPath)
  const path = `${folder}/cgroup.procs`
  const uid = facts.caller.subject.credentials?.uid.effective
  const hint = 'make it first: mkdir; or ask systemd for one: systemd-run --user --scope'
  const rights = {
    errno: 'EACCES',
    why: 'who may move processes there is up to the files cgroup.procs, of it and of the cgroup above both',
    hint: 'run it as root: sudo nsx run …',
  }
  const causes = [
    ...placeCauses(folder, 'directory', facts).map((cause) => ({
      ...cause,
      hint,
    })),
    ...(uid === 0 ? [] : [{ ...rights, certain: false }]),
  ]
  const told = foretell(causes, [
    {
      errno: 'EBUSY',
      why: 'it hands controllers on, so no process may be in it',
      hint: 'name a leaf',
    },
    { errno: 'EOPNOTSUPP', why: 'it is a threaded cgroup, or not valid as one', hint: null },
    rights,
  ])
  return [step({ name: 'write', path, text: '0' }, `move into the cgroup ${cgroupPath}`, told)]
}
