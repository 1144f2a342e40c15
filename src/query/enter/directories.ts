import type { Caller } from '../../model/caller.ts'
import type { EnterFacts } from '../../model/enter-facts.ts'
import type { EnterRequest } from '../../model/enter-request.ts'
import type { Advice, Forecast, PlannedStep } from '../../model/exec-plan.ts'
import { capabilityForecast, WORKS } from '../forecast/capability.ts'
import { directoryRefusal } from '../forecast/files.ts'
import type { Join } from './choose.ts'
import { lookForecast } from './join-forecast.ts'
import { lookUpForecast, seenFiles } from './look-up.ts'
import { ROOT, WORKING_DIRECTORY } from './slots.ts'
import { FORBIDDEN, filtered, step } from './step.ts'

export interface Directories {
  /** They are opened while the caller's own files are within reach. */
  readonly before: readonly PlannedStep[]
  readonly after: readonly PlannedStep[]
  readonly notes: readonly string[]
}

/**
 * Root and working directory. A mount namespace alone leads to its own root, as with nsenter(1): where the target
 * has another root, a note says so. Without a working directory it is the root, where one is entered.
 *
 * @param after the caller after it has entered
 */
export function planDirectories(
  request: EnterRequest,
  facts: EnterFacts,
  { joins, after }: { readonly joins: readonly Join[]; readonly after: Caller },
): Directories {
  const { root, workingDirectory, innerDirectory } = request
  const { target } = facts
  const before: PlannedStep[] = []
  const then: PlannedStep[] = []
  if (root !== null) {
    const what = `the root directory ${root === 'target' ? `of ${nameOf(facts)}` : root.path}`
    const path = root === 'target' ? `${target?.folder}/root` : root.path
    before.push(openStep({ slot: ROOT, path, what, own: root !== 'target' }, facts))
    then.push(
      step({ name: 'chroot', slot: ROOT }, `make ${what} the root`, {
        forecast: filtered(facts.caller, chrootForecast(after)),
        advice: [FORBIDDEN],
      }),
    )
  }
  if (workingDirectory !== null) {
    const isTarget = workingDirectory === 'target'
    const what = `the working directory ${isTarget ? `of ${nameOf(facts)}` : workingDirectory.path}`
    const path = isTarget ? `${target?.folder}/cwd` : workingDirectory.path
    before.push(openStep({ slot: WORKING_DIRECTORY, path, what, own: !isTarget }, facts))
    const forecast = reachForecast(request, facts, joins)
    then.push(step({ name: 'chdir', slot: WORKING_DIRECTORY }, `go to ${what}`, { forecast }))
  } else if (root !== null) {
    then.push(step({ name: 'chdir', slot: ROOT }, 'go to the root directory'))
  }
  if (innerDirectory !== null) {
    const operation = { name: 'chdirPath', path: innerDirectory } as const
    const files = seenFiles(facts, root !== null || joins.some(({ type }) => type === 'mnt'))
    const forecast = lookUpForecast(directoryRefusal(innerDirectory, files), MISSING)
    then.push(step(operation, `go to ${innerDirectory}`, { forecast, advice: MISSING }))
  }
  const strays = target?.chrooted === true && root === null && joins.some(isMountOfTarget)
  const note = `${nameOf(facts)} has another root directory within its mount namespace: --root follows it`
  return { before, after: then, notes: strays ? [note] : [] }
}

function isMountOfTarget({ type, source }: Join): boolean {
  return type === 'mnt' && source === 'target'
}

function nameOf({ target }: EnterFacts): string {
  return target?.name ?? 'the target'
}

const MISSING: readonly Advice[] = [
  { errno: 'ENOENT', why: 'there is no such directory', hint: null },
  { errno: 'ENOTDIR', why: 'it is no directory', hint: null },
  { errno: 'EACCES', why: 'it may not be searched', hint: null },
]

function openStep(
  how: {
    readonly slot: number
    readonly path: string
    readonly what: string
    readonly own: boolean
  },
  facts: EnterFacts,
): PlannedStep {
  const { slot, path, what, own } = how
  const forecast = own ? WORKS : lookForecast(facts)
  return step({ name: 'openDirectory', slot, path }, `open ${what}`, { forecast, advice: MISSING })
}

function chrootForecast(after: Caller): Forecast {
  const { user } = after.subject.links
  if (user === undefined) return WORKS
  return capabilityForecast(after, {
    ...{ capability: 'CAP_SYS_CHROOT', userNamespace: user, whose: '' },
  })
}

/** A directory that the new root does not lead to would be a way out: the helper refuses it (EXDEV). */
function reachForecast(
  { root, workingDirectory }: EnterRequest,
  { target, caller }: EnterFacts,
  joins: readonly Join[],
): Forecast {
  const mnt = joins.find(({ type }) => type === 'mnt')
  const out = (why: string, hint: string): Forecast => ({
    ...{ outcome: 'fails', errno: 'EXDEV', why, hint },
  })
  if (workingDirectory === 'target') {
    const isThere = (mnt?.inum ?? caller.subject.links.mnt) === target?.inums.mnt
    if (root === 'target' || (isThere && root === null)) return WORKS
    if (root !== null) return maybe('the root directory must lead to it')
    const why = 'it is in another mount namespace, out of reach of the root'
    return out(why, 'enter that, too: --mount')
  }
  if (root === null && !mnt) return WORKS
  const inner = '--wdns DIR is looked up inside'
  if (root === null) return out('it is in our own mount namespace, out of reach of the root', inner)
  return maybe(`it must be below the root directory; ${inner}`)
}

function maybe(why: string): Forecast {
  return { outcome: 'unknown', errno: 'EXDEV', why, hint: null }
}
