import { EXIT, NsxError } from '../../errors.ts'
import { NS_TYPE_NAMES, type NsType, nsTypeRow } from '../../kernel/namespace-types.ts'
import type { Caller } from '../../model/caller.ts'
import type { EnterFacts, NamedSource } from '../../model/enter-facts.ts'
import type { EnterRequest } from '../../model/enter-request.ts'

/** One namespace that is to be entered. */
export interface Join {
  readonly type: NsType
  readonly source: 'target' | 'named' | 'socket' | 'owner'
  /** Null: it could not be read. */
  readonly inum: number | null
  /** After its type: `of web (pid 812)`, `/run/netns/blue`. */
  readonly whose: string
  /** Null: it is not named by itself. */
  readonly named: NamedSource | null
}

export interface Choice {
  readonly joins: readonly Join[]
  readonly remarks: readonly string[]
}

/**
 * Which namespaces are entered: those that were asked for; without any, all in which the target differs. What
 * is the caller's own already is left out: to enter it changes nothing, and needs rights for it (of a user
 * namespace it is EINVAL). What could not be read counts as different.
 *
 * @throws NsxError where none is named and there is no target, or --user-parent cannot be told
 */
export function chooseNamespaces(request: EnterRequest, facts: EnterFacts): Choice {
  const asked = askedJoins(request, facts)
  const explicit = request.namespaces
  const kept = asked.filter((join) => !isOwn(facts.caller, join, explicit.has(join.type)))
  const dropped = asked.filter((join) => !kept.includes(join) && explicit.has(join.type))
  const remarks = dropped.map(
    ({ type, whose }) => `${theNamespace(type, whose)} is our own already`,
  )
  if (!request.userParent) return { joins: kept, remarks }
  return withOwner(kept, remarks, facts)
}

/** `the network namespace of web`, `the network namespace /run/netns/blue`. */
export function theNamespace(type: NsType, whose: string): string {
  return `the ${nsTypeRow(type).title} namespace ${whose}`
}

function askedJoins(request: EnterRequest, facts: EnterFacts): Join[] {
  const { namespaces, all, userParent, netSocket } = request
  const everything = all || (namespaces.size === 0 && netSocket === null)
  return NS_TYPE_NAMES.flatMap((type): Join[] => {
    const named = facts.named.get(type)
    if (named) return [namedJoin(type, named)]
    if (type === 'net' && netSocket !== null) return [socketJoin(facts, netSocket)]
    if (type === 'user' && userParent) return []
    if (!everything && !namespaces.has(type)) return []
    return targetJoin(type, facts, { explicit: namespaces.has(type) })
  })
}

function namedJoin(type: NsType, named: NamedSource): Join {
  return { type, source: 'named', inum: named.inum, whose: named.name, named }
}

function socketJoin({ target, socketNamespace }: EnterFacts, fd: number): Join {
  if (!target) throw noTarget(`--net-socket ${fd}`)
  const whose = `of socket ${fd} of ${target.name}`
  return { type: 'net', source: 'socket', inum: socketNamespace, whose, named: null }
}

function targetJoin(
  type: NsType,
  { target, caller }: EnterFacts,
  { explicit }: { explicit: boolean },
): Join[] {
  if (!target) throw noTarget(explicit ? `the ${nsTypeRow(type).title} namespace` : 'a namespace')
  // The kernel lacks the type: nobody has one.
  if (!explicit && caller.subject.linkErrnos[type] === 'ENOENT') return []
  const inum = target.inums[type] ?? null
  return [{ type, source: 'target', inum, whose: `of ${target.name}`, named: null }]
}

function noTarget(what: string): NsxError {
  return new NsxError(`${what} of which process?`, {
    code: 'no-target',
    exitCode: EXIT.usage,
    hint: 'name a pid or a container: nsx enter web; or a namespace: --net=/run/netns/blue',
  })
}

/**
 * Whether the caller is in it already, with all that setns(2) would set: that of a mount namespace also leaves
 * a chroot, which nobody means who names none.
 */
function isOwn({ subject, chrooted }: Caller, { type, inum }: Join, explicit: boolean): boolean {
  const { links } = subject
  if (inum === null || links[type] !== inum) return false
  if (type === 'mnt') return !(explicit && chrooted === true)
  if (type === 'pid') return (links.pid_for_children ?? inum) === inum
  if (type === 'time') return (links.time_for_children ?? inum) === inum
  return true
}

/** The user namespace that owns all the others. */
function withOwner(joins: readonly Join[], remarks: readonly string[], facts: EnterFacts): Choice {
  const { caller } = facts
  const others = joins.filter(({ type }) => type !== 'user')
  const [first] = others
  if (!first || others.length < joins.length) throw noOwner(joins)
  const owners = new Map<number, Join>()
  for (const join of others) {
    const owner = join.inum === null ? null : caller.kinship.owners.get(join.inum)
    if (typeof owner === 'number') owners.set(owner, join)
  }
  const [a, b] = [...owners.values()]
  if (a && b) {
    throw new NsxError(
      `${theNamespace(a.type, a.whose)} and ${theNamespace(b.type, b.whose)} have different owners`,
      {
        code: 'different-owners',
        exitCode: EXIT.usage,
        target: '--user-parent',
        hint: 'name namespaces of one owner; nsx show tells the owner of each',
      },
    )
  }
  const [inum = null] = owners.keys()
  const whose = `that owns ${theNamespace(first.type, first.whose)}`
  if (inum !== null && inum === caller.subject.links.user) {
    return { joins, remarks: [...remarks, `${theNamespace('user', whose)} is our own already`] }
  }
  const owner: Join = { type: 'user', source: 'owner', inum, whose, named: null }
  return { joins: [...others, owner], remarks }
}

function noOwner(joins: readonly Join[]): NsxError {
  const why = joins.length === 0 ? 'no namespace is entered' : '--user names another one'
  return new NsxError(`--user-parent: ${why}`, {
    code: 'no-owner',
    exitCode: EXIT.usage,
    target: '--user-parent',
    hint: 'it enters the owner of what else is entered, such as --net --user-parent',
  })
}
