import type { EnterFacts } from '../model/enter-facts.ts'
import type { EnterRequest } from '../model/enter-request.ts'
import type { ActionPlan, Advice, Forecast, PlannedStep } from '../model/exec-plan.ts'
import { cgroupSteps } from './enter/cgroups.ts'
import { chooseNamespaces, type Join } from './enter/choose.ts'
import { planDirectories } from './enter/directories.ts'
import { entrySteps } from './enter/entry.ts'
import { exposureOf } from './enter/exposure.ts'
import { chooseIdentity, groupSteps, identitySteps, uidInside } from './enter/identity.ts'
import { labelSteps } from './enter/label.ts'
import { planLikeness } from './enter/likeness.ts'
import { planMounts } from './enter/mounts.ts'
import { planMoves } from './enter/moves.ts'
import { step } from './enter/step.ts'
import { execStep } from './enter/surroundings.ts'
import { WORKS } from './forecast/capability.ts'
import { NO_TERMINAL, terminalForecast } from './forecast/terminal.ts'

/**
 * How the request is carried out, step by step, and what is known beforehand of each. Everything that needs
 * the caller's own files, /proc or rights comes before the first setns(2); thereafter nothing is opened.
 *
 * @throws NsxError where the request and what was found do not go together
 */
export function planEnter(request: EnterRequest, facts: EnterFacts): ActionPlan {
  const choice = chooseNamespaces(request, facts)
  const { moves, skipped, after } = planMoves(choice.joins, facts, { bestEffort: request.all })
  const joins = moves.flatMap(({ joins }) => joins)
  const spawns = request.fork && has(joins, 'pid')
  const identity = chooseIdentity(request, facts, joins)
  const entry = entrySteps(moves, request, facts)
  const directories = planDirectories(request, facts, { joins, after })
  const likeness = planLikeness(request, facts, after)
  const mounts = planMounts(request, facts, { joins, after, spawns })
  const keeps = request.keepCapabilities && has(joins, 'user')
  const steps: readonly PlannedStep[] = [
    ...monitorSteps(request, facts, { joins, spawns }),
    ...cgroupSteps(request, facts),
    ...labelSteps(request, facts),
    ...likeness.before,
    ...entry.before.slice(0, 1),
    ...directories.before,
    ...entry.before.slice(1),
    step({ name: 'seal', keep: preserved(request) }, 'keep the target out of this process'),
    ...groupSteps(identity, facts, joins),
    ...entry.joins,
    ...directories.after,
    ...mounts.beforeSpawn,
    step({ name: 'closeSlots' }, 'close what was opened'),
    ...(spawns ? [spawnStep(facts)] : []),
    ...mounts.afterSpawn,
    ...likeness.limits,
    ...identitySteps(identity, { facts, joins, after, keep: keeps || request.like }),
    ...likeness.capabilities,
    ...(keeps ? [step({ name: 'ambient' }, 'keep the capabilities for the command')] : []),
    execStep(request, facts, {
      elsewhere: has(joins, 'mnt') || request.root !== null,
      uid: uidInside(identity, facts, joins),
    }),
  ]
  const notes = [
    ...nothingEntered(request, facts, joins),
    ...directories.notes,
    ...identity.notes,
    ...likeness.notes,
    ...(request.keepCapabilities && !keeps ? [USELESS_KEEP] : []),
  ]
  const remarks = [...choice.remarks, ...identity.remarks, ...exposureOf(facts, joins)]
  return { steps, notes, remarks, skipped }
}

const USELESS_KEEP = '--keep-caps has an effect only where a user namespace is entered'

function has(joins: readonly Join[], type: Join['type']): boolean {
  return joins.some((join) => join.type === type)
}

/** A monitor stays for what the command cannot do itself: be in another PID namespace, on another terminal. */
function monitorSteps(
  { pty, statusFd }: EnterRequest,
  facts: EnterFacts,
  { joins, spawns }: { readonly joins: readonly Join[]; readonly spawns: boolean },
): PlannedStep[] {
  const terminal = pty ?? (facts.caller.terminal && isLessTrusted(facts, joins))
  if (!spawns && !terminal && statusFd === null) return []
  const what = 'wait for the command outside, and pass on signals'
  const forecast = terminalForecast(facts.caller, terminal)
  const known = { forecast, advice: [NO_TERMINAL] }
  return [step({ name: 'monitor', spawns, pty: terminal, statusFd }, what, known)]
}

/** Whoever is in other user or mount namespaces is not to write on the caller's terminal (TIOCSTI). */
function isLessTrusted({ target, caller }: EnterFacts, joins: readonly Join[]): boolean {
  if (!target) return has(joins, 'user') || has(joins, 'mnt')
  const { links } = caller.subject
  return target.inums.user !== links.user || target.inums.mnt !== links.mnt
}

function preserved({ preserveFds }: EnterRequest): number[] {
  return Array.from({ length: preserveFds }, (_, i) => 3 + i)
}

function spawnStep({ target, named }: EnterFacts): PlannedStep {
  const whose = target ? ` of ${target.name}` : ''
  const forecast = named.get('pid')?.dead ? DEAD : WORKS
  const { errno, why, hint } = DEAD
  return step(
    { name: 'spawn', flags: 0, go: null },
    `make a process in the PID namespace${whose}`,
    { forecast, advice: [{ errno, why, hint }, BUSY] },
  )
}

const DEAD = {
  ...{ outcome: 'fails', errno: 'ENOMEM' },
  why: 'the PID namespace is dead: its first process has ended, and nothing can start in it',
  hint: 'name a target that is alive, or leave out --pid',
} as const satisfies Forecast

const BUSY: Advice = {
  errno: 'EAGAIN',
  why: 'a limit of processes is reached (ulimit -u, pids.max)',
  hint: null,
}

function nothingEntered(
  { root }: EnterRequest,
  { target }: EnterFacts,
  joins: readonly Join[],
): string[] {
  if (joins.length > 0 || root !== null || !target) return []
  return [`${target.name} is in our own namespaces: there is nothing to enter`]
}
