import { NS_TYPE_NAMES, type NsType, nsTypeRow } from '../../kernel/namespace-types.ts'
import type { Caller } from '../../model/caller.ts'
import type { EnterFacts, EnterTarget } from '../../model/enter-facts.ts'
import type { EnterRequest } from '../../model/enter-request.ts'
import type { Advice, Forecast, Operation, PlannedStep, Slot } from '../../model/exec-plan.ts'
import { capableIn } from '../capable.ts'
import { capabilityForecast, WORKS } from '../forecast/capability.ts'
import { type Join, theNamespace } from './choose.ts'
import { ended, isZombie, lookForecast, traceForecast } from './join-forecast.ts'
import type { Move } from './moves.ts'
import { NAMESPACES, PROCESS } from './slots.ts'
import { allOf, FORBIDDEN, filtered, step } from './step.ts'

/** The steps around setns(2): `before` it, while everything is within reach; and it itself. */
export interface Entry {
  readonly before: readonly PlannedStep[]
  readonly joins: readonly PlannedStep[]
}

/** Opens what is entered, and enters it. The target is a pidfd from first to last: it must not end between. */
export function entrySteps(
  moves: readonly Move[],
  request: EnterRequest,
  facts: EnterFacts,
): Entry {
  const one = moves.filter(({ pidfd }) => !pidfd).flatMap(({ joins }) => joins)
  const slots = new Map(one.map((join, i) => [join, NAMESPACES + i]))
  const before = [...processSteps(request, facts), ...openingSteps(slots, request, facts)]
  const joins = moves.map((move) => joinStep(move, slots, facts))
  return { before, joins: [...joins, ...aliveSteps(facts)] }
}

function processSteps(
  { targetInode }: EnterRequest,
  { target, caller }: EnterFacts,
): PlannedStep[] {
  if (!target) return []
  const { pid, startTicks } = target.process
  return [
    step(
      { name: 'pidfd', slot: PROCESS, pid, startTicks, inode: targetInode },
      `open ${target.name}`,
      { forecast: processForecast(target, caller, targetInode), advice: [gone(target.name)] },
    ),
  ]
}

/** The helper refuses a process that is not, by all that is known of it, the one that was looked at. */
function processForecast(target: EnterTarget, caller: Caller, inode: string | null): Forecast {
  const level = caller.subject.nsPids.length - 1
  if (level > 0 && target.subject.nsPids[level] !== target.process.pid) {
    const why =
      'this /proc is that of another PID namespace than ours, in which it has another number, or none'
    const hint = 'mount one of our own first, or run nsx in that PID namespace'
    return { outcome: 'fails', errno: 'ESRCH', why, hint }
  }
  if (inode === null) return WORKS
  const why = `${target.name} has ended, or its pidfd is not inode ${inode}`
  const hint = 'look again which process it is, or leave out :INODE'
  return { outcome: 'unknown', errno: 'ESRCH', why, hint }
}

function aliveSteps({ target }: EnterFacts): PlannedStep[] {
  if (!target) return []
  const advice = [gone(target.name)]
  const forecast = isZombie(target) ? ended(target) : WORKS
  return [step({ name: 'alive', slot: PROCESS }, `stay with ${target.name}`, { forecast, advice })]
}

function gone(name: string): Advice {
  return { errno: 'ESRCH', why: `${name} has ended`, hint: 'name a process that is alive' }
}

function openingSteps(
  slots: ReadonlyMap<Join, Slot>,
  request: EnterRequest,
  facts: EnterFacts,
): PlannedStep[] {
  const ordered = [...slots].sort(
    ([a], [b]) => Number(a.source === 'owner') - Number(b.source === 'owner'),
  )
  return ordered.map(([join, slot]) =>
    step(
      openingOf(join, slot, { slots, request, facts }),
      `open ${theNamespace(join.type, join.whose)}`,
      {
        forecast: openingForecast(join, facts),
        advice: [
          ...(join.source === 'socket' ? OF_SOCKETS : []),
          { errno: 'ENOENT', why: 'it is there no more', hint: null },
          { errno: 'ESTALE', why: 'it is another one by now, or is there no more', hint: null },
          { errno: 'EACCES', why: 'the caller may not look into that process', hint: null },
          FORBIDDEN,
        ],
      },
    ),
  )
}

/** pidfd_getfd(2), and what an ioctl(2) on something else says. */
const OF_SOCKETS: readonly Advice[] = [
  { errno: 'EBADF', why: 'the target has no such descriptor', hint: 'see ls -l /proc/PID/fd' },
  {
    errno: 'ENOTSOCK',
    why: 'that descriptor of the target is no socket',
    hint: 'see ls -l /proc/PID/fd',
  },
]

function openingOf(
  join: Join,
  slot: Slot,
  {
    slots,
    request,
    facts,
  }: { slots: ReadonlyMap<Join, Slot>; request: EnterRequest; facts: EnterFacts },
): Operation {
  const { type, inum, source, named } = join
  const { bit } = nsTypeRow(type)
  if (source === 'owner') return { name: 'openOwner', slot, of: ownedBy(slots) }
  if (source === 'socket') {
    return { name: 'openBySocket', slot, process: PROCESS, fd: request.netSocket as number }
  }
  if (named?.id && inum !== null && (named.path === null || mayOpenById(join, facts))) {
    return { name: 'openById', slot, id: named.id, inum, type: bit }
  }
  const path = named ? named.path : `${facts.target?.folder}/ns/${type}`
  if (path === null) throw new Error(`${join.whose} can be opened neither by a path nor by its id`)
  return { name: 'openNamespace', slot, path, inum, type: bit }
}

/** Any of the others: all have the same owner. */
function ownedBy(slots: ReadonlyMap<Join, Slot>): Slot {
  for (const [{ source }, slot] of slots) if (source !== 'owner') return slot
  throw new Error('nothing is entered of which the owner could be asked for')
}

/** Linux asks for CAP_SYS_ADMIN in its owner, later also for the initial PID namespace (open_by_handle_at(2)). */
function mayOpenById({ inum }: Join, { caller }: EnterFacts): boolean {
  const { subject, kinship, kernelIds } = caller
  const owner = inum === null ? null : kinship.owners.get(inum)
  if (typeof owner !== 'number' || !kernelIds || subject.nsPids.length !== 1) return false
  const question = { target: owner, users: kinship.users, kernelIds }
  return capableIn(subject, { ...question, capability: 'CAP_SYS_ADMIN' }) === true
}

function openingForecast({ source, named, inum, type }: Join, facts: EnterFacts): Forecast {
  const { caller } = facts
  if (source === 'target') return lookForecast(facts)
  if (named) {
    const { errno } = named
    if (errno === null) return WORKS
    const why = `which ${nsTypeRow(type).title} namespace it is could not be read`
    return { outcome: 'fails', errno, why, hint: 'run it as root: sudo nsx …' }
  }
  if (source !== 'socket') return WORKS
  const owner = inum === null ? null : caller.kinship.owners.get(inum)
  if (typeof owner === 'number') {
    return allOf([
      traceForecast(facts, 'EPERM'),
      capabilityForecast(caller, { capability: 'CAP_NET_ADMIN', userNamespace: owner, whose: '' }),
    ])
  }
  const why =
    'it must be a socket; it needs the right to trace the target (ptrace(2)) and CAP_NET_ADMIN in ' +
    'the user namespace that owns the network namespace'
  return { outcome: 'unknown', errno: 'EPERM', why, hint: 'run it as root: sudo nsx …' }
}

function joinStep(move: Move, slots: ReadonlyMap<Join, Slot>, facts: EnterFacts): PlannedStep {
  const { pidfd, joins, forecast } = move
  const [first] = joins as [Join, ...Join[]]
  const slot = pidfd ? PROCESS : (slots.get(first) as Slot)
  const flags = joins.reduce((bits, { type }) => bits + nsTypeRow(type).bit, 0)
  const types = NS_TYPE_NAMES.filter((type) => joins.some((join) => join.type === type))
  const what = `enter ${namespaces(types)} ${first.whose}`
  return step({ name: 'setns', slot, flags }, what, {
    forecast: filtered(facts.caller, forecast),
    advice: [
      ...(joins.some(({ type }) => type === 'pid') ? [NO_DESCENDANT] : []),
      ...(joins.some(({ type }) => type === 'user') ? [SAME_USER] : []),
      ...(facts.target ? [gone(facts.target.name)] : []),
      FORBIDDEN,
    ],
    ...(move.optional ? { optional: true } : {}),
  })
}

const NO_DESCENDANT: Advice = {
  errno: 'EINVAL',
  why: 'a process can only go to its own PID namespace or to one below of it',
  hint: 'run nsx in an outer PID namespace, or leave out --pid',
}

const SAME_USER: Advice = {
  errno: 'EINVAL',
  why: 'the user namespace is our own already',
  hint: 'leave out --user',
}

/** `the network namespace`, `the mount, network and PID namespaces`. */
function namespaces(types: readonly NsType[]): string {
  const titles = types.map((type) => nsTypeRow(type).title)
  const last = titles.at(-1)
  if (titles.length === 1) return `the ${last} namespace`
  return `the ${titles.slice(0, -1).join(', ')} and ${last} namespaces`
}
