import { EXIT, NsxError } from '../../errors.ts'
import type { IdMapLine } from '../../kernel/id-map.ts'
import { isInitialInum } from '../../kernel/namespace-types.ts'
import { formatNsLink } from '../../kernel/ns-link.ts'
import type { Caller } from '../../model/caller.ts'
import type { EnterFacts, EnterTarget } from '../../model/enter-facts.ts'
import type { EnterRequest } from '../../model/enter-request.ts'
import type { Forecast, PlannedStep } from '../../model/exec-plan.ts'
import type { Ids } from '../../model/subject.ts'
import { capableIn, OVERFLOW_ID } from '../capable.ts'
import { capabilityForecast, WORKS } from '../forecast/capability.ts'
import { insideOf } from '../id-maps.ts'
import type { Join } from './choose.ts'
import { step } from './step.ts'

/** Who the command will be, as the user namespace in which it runs numbers ids. Null: as the caller is. */
export interface Identity {
  readonly uid: number | null
  readonly gid: number | null
  readonly groups: readonly number[] | null
  readonly notes: readonly string[]
  readonly remarks: readonly string[]
}

type Kind = 'uid' | 'gid'

/** The user namespace that the ids are of. */
interface Numbering {
  /** It is entered. */
  readonly entered: boolean
  readonly inum: number | null
  readonly maps: Readonly<Record<Kind, readonly IdMapLine[] | null>>
}

/**
 * Who the command is to be. Whoever enters a user namespace is uid 0, gid 0 without other groups there, as with
 * nsenter(1); where it has no number for 0, the ids of the target. `follow` takes the effective id of the
 * target; `-G follow` also its supplementary groups, as far as they have a number there. A gid that is given
 * drops the caller's groups; a uid alone leaves them.
 *
 * @throws NsxError where an id that is to be followed has no number, or it cannot be told
 */
export function chooseIdentity(
  request: EnterRequest,
  facts: EnterFacts,
  joins: readonly Join[],
): Identity {
  const numbering = numberingOf(facts, joins)
  const { preserveCredentials, like } = request
  const standard = like ? 'follow' : numbering.entered && !preserveCredentials ? 0 : null
  const notes: string[] = []
  const remarks: string[] = []
  const idOf = (kind: Kind, asked: number | 'follow' | null): number | null => {
    const wanted = asked ?? standard
    if (wanted === 'follow') return followed(kind, facts, numbering)
    if (asked !== null || wanted === null || isMapped(wanted, numbering.maps[kind]) !== false) {
      return wanted
    }
    const id = ownId(kind, facts, numbering)
    remarks.push(
      `${kind} 0 has no number in ${nameOf(numbering)}: the command ` +
        (id === null ? `keeps its ${kind}` : `has ${kind} ${id}, as ${facts.target?.name} has`),
    )
    return id
  }
  const gid = idOf('gid', request.gid)
  const follows = request.gid === 'follow' || (request.gid === null && like)
  const drops = gid !== null || standard === 0
  const groups = follows ? followedGroups(facts, numbering, notes) : drops ? [] : null
  return { uid: idOf('uid', request.uid), gid, groups, notes, remarks }
}

/** Of the namespace that is entered, else of the caller's own. */
function numberingOf({ caller, maps }: EnterFacts, joins: readonly Join[]): Numbering {
  const user = joins.find(({ type }) => type === 'user')
  if (!user) {
    const inum = caller.subject.links.user ?? null
    return { entered: false, inum, maps: { uid: caller.uidMap, gid: caller.gidMap } }
  }
  const known = user.inum === null ? undefined : maps.get(user.inum)
  const both = { uid: known?.uids ?? null, gid: known?.gids ?? null }
  return { entered: true, inum: user.inum, maps: both }
}

function nameOf({ inum }: Numbering): string {
  if (inum === null) return 'its user namespace'
  return isInitialInum(inum) ? 'the initial user namespace' : formatNsLink('user', inum)
}

function isMapped(id: number, map: readonly IdMapLine[] | null): boolean | null {
  if (map === null) return null
  return map.some(({ inside, count }) => id >= inside && id < inside + count)
}

/** What the effective id of the target is there; null: there is no number for it, or it cannot be told. */
function ownId(kind: Kind, { target, caller }: EnterFacts, numbering: Numbering): number | null {
  const seen = idsOf(kind, target)?.effective
  return seen === undefined ? null : numberOf(kind, seen, caller, numbering)
}

function idsOf(kind: Kind, target: EnterTarget | null): Ids | undefined {
  return target?.subject.credentials?.[kind]
}

/** Ids are read as the caller's user namespace numbers them. */
function numberOf(
  kind: Kind,
  seen: number,
  { kernelIds }: Caller,
  { entered, maps }: Numbering,
): number | null {
  if (seen === OVERFLOW_ID && !kernelIds) return null
  if (!entered) return seen
  const map = maps[kind]
  return map && insideOf(seen, map)
}

function followed(kind: Kind, facts: EnterFacts, numbering: Numbering): number {
  const id = ownId(kind, facts, numbering)
  if (id !== null) return id
  const seen = idsOf(kind, facts.target)?.effective
  const flag = kind === 'uid' ? '--setuid' : '--setgid'
  if (!facts.target) {
    throw new NsxError(`${flag} follow: there is no process to follow`, {
      ...{ code: 'no-target', exitCode: EXIT.usage, target: flag },
      hint: 'name a pid or a container beside',
    })
  }
  const whose = `the ${kind} of ${facts.target.name}`
  const has = seen === undefined ? 'could not be read' : `has no number in ${nameOf(numbering)}`
  throw new NsxError(`${whose} cannot be followed: it ${has}`, {
    ...{ code: 'unmapped-id', exitCode: EXIT.noTarget, target: flag, errno: 'EINVAL' },
    hint: `name a number: ${flag} N; or enter its user namespace too: --user`,
  })
}

function followedGroups(
  { target, caller }: EnterFacts,
  numbering: Numbering,
  notes: string[],
): number[] {
  const seen = target?.subject.credentials?.groups ?? []
  const groups = seen.flatMap((group) => numberOf('gid', group, caller, numbering) ?? [])
  const lost = seen.length - groups.length
  if (lost > 0) {
    const [has, which] = lost === 1 ? ['has', 'one group'] : ['have', `${lost} groups`]
    notes.push(
      `${which} of ${target?.name} ${has} no number in ${nameOf(numbering)}, and is left out`,
    )
  }
  return groups
}

/**
 * Drops the caller's groups while it has the right to: a user namespace may forbid it (setgroups `deny`), and
 * they would go along.
 */
export function groupSteps(
  identity: Identity,
  { caller }: EnterFacts,
  joins: readonly Join[],
): PlannedStep[] {
  if (identity.groups === null || !joins.some(({ type }) => type === 'user')) return []
  if (!isCapable(caller, 'CAP_SETGID')) return []
  const what = 'drop the supplementary groups of the caller'
  return [step({ name: 'groups', ids: [], lenient: true }, what)]
}

/** In the order that the rights last for: groups, gid, uid. */
export function identitySteps(
  { uid, gid, groups }: Identity,
  how: {
    readonly facts: EnterFacts
    readonly joins: readonly Join[]
    /** The caller after it has entered. */
    readonly after: Caller
    readonly keep: boolean
  },
): PlannedStep[] {
  const { facts, joins, after, keep } = how
  const numbering = numberingOf(facts, joins)
  const { entered } = numbering
  const steps: PlannedStep[] = []
  if (groups !== null) {
    const what = groups.length === 0 ? 'drop all supplementary groups' : `take the groups ${groups}`
    const forecast = entered ? WORKS : groupsForecast(after)
    steps.push(step({ name: 'groups', ids: groups, lenient: entered }, what, { forecast }))
  }
  if (gid !== null) {
    const forecast = idForecast('gid', gid, after, numbering)
    steps.push(
      step({ name: 'gid', id: gid }, `become gid ${gid}`, { forecast, advice: [UNMAPPED] }),
    )
  }
  if (uid !== null) {
    const forecast = idForecast('uid', uid, after, numbering)
    const what = `become uid ${uid}`
    steps.push(step({ name: 'uid', id: uid, keep }, what, { forecast, advice: [UNMAPPED] }))
  }
  return steps
}

const UNMAPPED = {
  ...{ errno: 'EINVAL', why: 'the user namespace has no number for that id' },
  hint: '--setuid N and --setgid N name others, --preserve-credentials leaves them as they are',
} as const

function idForecast(kind: Kind, id: number, after: Caller, numbering: Numbering): Forecast {
  const mapped = isMapped(id, numbering.maps[kind])
  if (mapped === false) {
    const why = `${kind} ${id} has no number in ${nameOf(numbering)}`
    return { outcome: 'fails', errno: 'EINVAL', why, hint: UNMAPPED.hint }
  }
  const own = after.subject.credentials?.[kind]
  const isOwn = own && [own.real, own.effective, own.saved].includes(id)
  if (!numbering.entered) {
    return isOwn ? WORKS : rightForecast(after, kind === 'uid' ? 'CAP_SETUID' : 'CAP_SETGID')
  }
  if (mapped) return WORKS
  const why = `whether ${kind} ${id} has a number in ${nameOf(numbering)} could not be read`
  return { outcome: 'unknown', errno: 'EINVAL', why, hint: UNMAPPED.hint }
}

function groupsForecast(after: Caller): Forecast {
  const right = rightForecast(after, 'CAP_SETGID')
  if (right.outcome === 'fails' || after.setgroups !== false) return right
  const why = 'setgroups(2) is denied in the user namespace of the caller'
  return { outcome: 'fails', errno: 'EPERM', why, hint: 'leave out --setgid, --like and the like' }
}

function rightForecast(after: Caller, capability: 'CAP_SETGID' | 'CAP_SETUID'): Forecast {
  const { user } = after.subject.links
  if (user === undefined) return WORKS
  return capabilityForecast(after, { capability, userNamespace: user, whose: '' })
}

function isCapable({ subject, kinship, kernelIds }: Caller, capability: 'CAP_SETGID'): boolean {
  const { user } = subject.links
  if (user === undefined) return false
  return capableIn(subject, { capability, target: user, users: kinship.users, kernelIds }) === true
}

/** The uid with which the command will look itself up: the one it has in the user namespace it runs in. */
export function uidInside({ uid }: Identity, facts: EnterFacts, joins: readonly Join[]): number {
  if (uid !== null) return uid
  const own = facts.caller.subject.credentials?.uid.effective ?? OVERFLOW_ID
  const numbering = numberingOf(facts, joins)
  return numberOf('uid', own, facts.caller, numbering) ?? OVERFLOW_ID
}
