import type { Capability } from '../kernel/capabilities.ts'
import { hasCapability } from '../kernel/capabilities.ts'
import { isInitialInum, type NsType } from '../kernel/namespace-types.ts'
import { formatNsLink } from '../kernel/ns-link.ts'
import type { CapsFacts } from '../model/caps-facts.ts'
import type { NsRef } from '../model/snapshot.ts'
import { isWithin } from './ancestry.ts'
import { capableIn } from './capable.ts'
import { hasExited, one, type Told } from './rules/rule.ts'
import { SIGNAL } from './rules/signal.ts'
import { TRACE } from './rules/trace.ts'
import { every, some, type Truth } from './truth.ts'

/** What follows for a task A; `text` is a sentence. */
export interface CapsConsequence extends Told {
  readonly rule: 'enter' | 'mount' | 'net-admin' | 'signal' | 'trace'
  /** What it is about; null: it is about the process B, or the namespace could not be read. */
  readonly ns: NsRef | null
  /** The user namespace that has to be entered in the same call; null: none has to. */
  readonly together: NsRef | null
}

interface Asked {
  readonly types: readonly NsType[]
  /** Also what it may do to the process B. */
  readonly ofTasks: boolean
}

/**
 * What A may do with namespaces and, where a task was named, to it: setns(2), mount(2), the configuration of
 * networks, kill(2), ptrace(2). Security modules and seccomp filters may still forbid what these sentences allow.
 */
export function capsConsequences(facts: CapsFacts, { types, ofTasks }: Asked): CapsConsequence[] {
  const { inums, b } = facts
  const told: CapsConsequence[] = []
  const add = (rule: CapsConsequence['rule'], about: Omit<CapsConsequence, 'rule'>): void => {
    const text = about.text.charAt(0).toUpperCase() + about.text.slice(1)
    told.push({ ...about, rule, text: `${text}.` })
  }
  const entries = new Map(
    types.flatMap((type) => {
      const inum = inums[type]
      if (inum !== undefined) return [[type, enter(type, inum, facts)]]
      return b === null ? [] : [[type, unreadEntry(type)]]
    }),
  )
  for (const entry of entries.values()) add('enter', documented(entry))
  for (const [rule, type, tell] of MORE) {
    const [entry, inum] = [entries.get(type), inums[type]]
    if (entry && inum !== undefined) add(rule, documented(tell(inum, entry, facts)))
  }
  if (facts.pair && ofTasks) {
    for (const [rule, rules] of [
      ['signal', SIGNAL],
      ['trace', TRACE],
    ] as const) {
      const [first] = rules
      if (first) add(rule, { ...first.tell(facts.pair), ns: null, together: null })
    }
  }
  return told
}

/** Without what only other rules ask. */
function documented({ holds, text, ns, together }: Entry): Omit<CapsConsequence, 'rule'> {
  return { holds, text, ns, together }
}

interface Entry extends Told {
  readonly ns: NsRef | null
  readonly together: NsRef | null
}

const MORE: readonly (readonly [
  CapsConsequence['rule'],
  NsType,
  (inum: number, entry: Entry, facts: CapsFacts) => Entry,
])[] = [
  ['mount', 'mnt', mount],
  ['net-admin', 'net', configure],
]

function unreadEntry(type: NsType): Entry {
  const text = `whether A can enter ${one(type)} of B is unknown: it could not be read`
  return { holds: null, text, ns: null, together: null }
}

/** setns(2): the *_install() of each type. All are asked with the credentials that A has now. */
function enter(type: NsType, inum: number, facts: CapsFacts): Entry {
  const ns = refOf(type, inum, facts)
  const name = formatNsLink(type, inum)
  const told = (holds: Truth, text: string, together: NsRef | null = null): Entry => ({
    ...{ holds, text, ns, together },
  })
  const { subject } = facts.a
  if (hasExited({ subject })) return told(false, `A cannot enter ${name}: it has exited`)
  if (subject.links[type] === inum) return told(true, `A is in ${name} already`)
  const owner = ownerOf(type, inum, facts)
  const over = capable('CAP_SYS_ADMIN', owner, facts)
  const where = type === 'user' ? 'there' : `in ${ownerName(owner)}, which owns it`
  if (over === false) return told(false, `A cannot enter ${name}: it has no CAP_SYS_ADMIN ${where}`)
  const below = type === 'pid' ? isBelow(inum, facts) : true
  if (below === false) {
    return told(
      false,
      `A cannot enter ${name}: it is neither its own PID namespace nor below of it`,
    )
  }
  if (type === 'user') {
    if (over === true) return told(true, `A can enter ${name}: it has CAP_SYS_ADMIN there`)
    return told(null, `whether A can enter ${name} is unknown: ${doubt(facts)}`)
  }
  const needed = type === 'mnt' ? MOUNT_RIGHTS : RIGHTS
  const alone = every(...needed.map((name) => effective(name, facts)))
  if (every(over, below, alone) === true) {
    return told(true, `A can enter ${name}: it has CAP_SYS_ADMIN ${where}`)
  }
  const user = userToEnter(facts, owner)
  const within = user === null ? false : every(...needed.map((it) => capable(it, user, facts)))
  const rights = needed.join(' and ')
  if (user !== null && every(over, below, within) === true) {
    const text =
      `A can enter ${name} together with ${formatNsLink('user', user)} only: ` +
      `it has no ${rights} in its own user namespace`
    return told(true, text, refOf('user', user, facts))
  }
  if (every(over, below, some(alone, within)) === false) {
    return told(false, `A cannot enter ${name}: it has no ${rights} in its own user namespace`)
  }
  return told(null, `whether A can enter ${name} is unknown: ${doubt(facts)}`)
}

const RIGHTS: readonly Capability[] = ['CAP_SYS_ADMIN']
const MOUNT_RIGHTS: readonly Capability[] = ['CAP_SYS_ADMIN', 'CAP_SYS_CHROOT']

/** may_mount() in fs/namespace.c: CAP_SYS_ADMIN in the owner, of whoever is inside. */
function mount(inum: number, entry: Entry, facts: CapsFacts): Entry {
  const name = formatNsLink('mnt', inum)
  const { ns, together } = entry
  const owner = ownerOf('mnt', inum, facts)
  const inside = facts.a.subject.links.mnt === inum
  const over = together
    ? isWithinUser(owner, together.inum, facts)
    : capable('CAP_SYS_ADMIN', owner, facts)
  const holds = every(entry.holds, over)
  const first = inside ? '' : ', once it has entered it'
  if (holds === true) {
    const why = `it has CAP_SYS_ADMIN in ${ownerName(owner)}, which owns it`
    return { holds, ns, together, text: `A can mount in ${name}${first}: ${why}` }
  }
  if (holds === null) {
    return {
      holds,
      ns,
      together,
      text: `whether A can mount in ${name} is unknown: ${doubt(facts)}`,
    }
  }
  const why =
    entry.holds === false
      ? 'it cannot enter it'
      : `it has no CAP_SYS_ADMIN in ${ownerName(owner)}, which owns it${together ? ', inside' : ''}`
  return { holds, ns, together, text: `A cannot mount in ${name}: ${why}` }
}

/** rtnetlink(7) asks for CAP_NET_ADMIN in the owner, also of whoever names the namespace from outside. */
function configure(inum: number, { ns }: Entry, facts: CapsFacts): Entry {
  const name = formatNsLink('net', inum)
  const owner = ownerOf('net', inum, facts)
  const holds = hasExited(facts.a) ? false : capable('CAP_NET_ADMIN', owner, facts)
  const about = { holds, ns, together: null }
  if (holds === null) {
    const text = `whether A can configure interfaces, routes and firewall of ${name} is unknown`
    return { ...about, text: `${text}: ${doubt(facts)}` }
  }
  const has = holds ? 'has' : 'has no'
  const can = holds ? 'can' : 'cannot'
  const why = hasExited(facts.a)
    ? 'it has exited'
    : `it ${has} CAP_NET_ADMIN in ${ownerName(owner)}, which owns it`
  return {
    ...about,
    text: `A ${can} configure interfaces, routes and firewall of ${name}: ${why}`,
  }
}

/** Null: it could not be read. A user namespace is asked for itself. */
function ownerOf(type: NsType, inum: number, { kinship }: CapsFacts): number | null {
  return type === 'user' ? inum : (kinship.owners.get(inum) ?? null)
}

function capable(capability: Capability, target: number | null, facts: CapsFacts): Truth {
  const { a, kinship, kernelIds } = facts
  const { user } = a.subject.links
  // Whoever has it in the initial user namespace has it in all.
  if (target === null) {
    const all = user !== undefined && isInitialInum(user) && effective(capability, facts)
    return all === true ? true : null
  }
  return capableIn(a.subject, { capability, target, users: kinship.users, kernelIds })
}

/** In its own user namespace. */
function effective(capability: Capability, { a }: CapsFacts): Truth {
  const { credentials } = a.subject
  return credentials && hasCapability(credentials.capabilities.effective, capability)
}

function isBelow(inum: number, { a, kinship }: CapsFacts): Truth {
  const own = a.subject.links.pid
  return own === undefined ? null : isWithin(inum, own, (each) => kinship.pidParents.get(each))
}

function isWithinUser(inum: number | null, of: number, { kinship }: CapsFacts): Truth {
  return inum === null ? null : isWithin(inum, of, (each) => kinship.users.get(each)?.parent)
}

/** What would be entered with it: that of B, of a namespace alone its owner; null: A is in it. */
function userToEnter({ a, b, inums }: CapsFacts, owner: number | null): number | null {
  const user = b === null ? owner : (inums.user ?? null)
  return user === a.subject.links.user ? null : user
}

function ownerName(owner: number | null): string {
  return owner === null ? 'the user namespace' : formatNsLink('user', owner)
}

function doubt({ a }: CapsFacts): string {
  if (a.subject.credentials === null) return 'the credentials of A could not be read'
  if (a.subject.links.user === undefined) return 'the user namespace of A could not be read'
  return 'a part of the hierarchy, or an owner, is out of sight'
}

function refOf(type: NsType, inum: number, { namespaces }: CapsFacts): NsRef {
  return { type, inum, id: namespaces.find((ns) => ns.inum === inum)?.id ?? null }
}
