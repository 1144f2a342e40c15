import { formatNsLink } from '../../kernel/ns-link.ts'
import type { HolderKind, Namespace } from '../../model/snapshot.ts'
import type { WhyInspection } from '../../model/why-inspection.ts'
import { type HolderGroup, holderGroups } from './holder-groups.ts'
import { survivors } from './survives.ts'
import { type Unread, unreadOf } from './unread.ts'
import { byProcess, countOf, HOLDER_WORDS, naming, numbersOf } from './words.ts'

export const VERDICT_CODES = [
  ...(['initial', 'members', 'only-thread', 'only-for-children', 'only-descriptor'] as const),
  ...(['only-socket', 'only-device', 'only-mount', 'only-children', 'only-owned'] as const),
  ...(['several', 'none-visible'] as const),
] as const
export type VerdictCode = (typeof VERDICT_CODES)[number]

/** Why a namespace is alive, in one sentence. */
export interface Verdict {
  readonly code: VerdictCode
  readonly text: string
  /** Everything that could hold it was looked at; where nothing was found, never. */
  readonly certain: boolean
}

const CODES: Readonly<Record<HolderKind, VerdictCode>> = {
  process: 'members',
  thread: 'only-thread',
  forChildren: 'only-for-children',
  descriptor: 'only-descriptor',
  socket: 'only-socket',
  device: 'only-device',
  mount: 'only-mount',
  child: 'only-children',
  owned: 'only-owned',
}

export function verdictOf(inspection: WhyInspection): Verdict {
  const { snapshot, initial } = inspection
  const ns = namespaceOf(inspection)
  if (initial) {
    return { code: 'initial', certain: true, text: 'the kernel itself keeps it, until it halts' }
  }
  const groups = holderGroups(ns)
  const unread = unreadOf(snapshot, ns.type)
  const [first] = groups
  if (!first) return { code: 'none-visible', certain: false, text: noneText(unread) }
  const certain = unread.complete
  const tell = teller(inspection)
  if (groups.length === 1 || endsWithMembers(inspection, ns)) {
    const code = CODES[first.kind]
    const text =
      code === 'members' ? `alive because ${tell(first)}` : `kept alive only by ${tell(first)}`
    return { code, certain, text }
  }
  return { code: 'several', certain, text: severalText(groups, tell) }
}

export function namespaceOf({
  snapshot,
  inum,
}: Pick<WhyInspection, 'snapshot' | 'inum'>): Namespace {
  const ns = snapshot.namespaces.find((one) => one.inum === inum)
  if (!ns) throw new Error(`no namespace ${inum}`)
  return ns
}

/** All else that holds it is its members' own, and would go with them. */
function endsWithMembers({ snapshot, readerMounts }: WhyInspection, ns: Namespace): boolean {
  if (ns.members.length === 0) return false
  return !survivors(snapshot.namespaces, new Set(ns.members), readerMounts)(ns.inum)
}

function noneText({ processes, sources, hidden }: Unread): string {
  return [
    'no visible holder',
    ...(processes > 0 ? [`${countOf(processes, HOLDER_WORDS.process)} unreadable`] : []),
    ...(hidden ? ['other processes out of sight'] : []),
    ...(sources.length > 0 ? [`not looked at: ${sources.join(', ')}`] : []),
    'a descriptor in flight or the kernel itself',
  ].join('; ')
}

type Tell = (group: HolderGroup) => string

function severalText(groups: readonly HolderGroup[], tell: Tell): string {
  const [first, ...others] = groups
  const told = others.map(tell).join('; ')
  return first?.kind === 'process'
    ? `alive because ${tell(first)}, and it would stay without ${first.count === 1 ? 'it' : 'them'}: ${told}`
    : `kept alive by ${groups.map(tell).join('; ')}`
}

function teller(inspection: WhyInspection): Tell {
  const { snapshot, readerMounts } = inspection
  const who = naming(snapshot)
  const refs = new Map(snapshot.namespaces.map((ns) => [ns.inum, ns]))
  const refOf = (inum: number | null, type: 'mnt' | 'user'): string =>
    formatNsLink(refs.get(inum ?? 0)?.type ?? type, inum ?? 0)
  const leaders = new Map(inspection.members.map((process) => [process.pid, process]))
  const open =
    (word: readonly [string, string]): Tell =>
    ({ kind, count, holders }) => {
      const owners = byProcess(holders)
      const [pid = null] = owners.keys()
      if (owners.size > 1)
        return `${countOf(count, HOLDER_WORDS[kind])} of ${owners.size} processes`
      return `${numbersOf(
        word,
        holders.map(({ fd }) => fd),
      )} of ${who(pid)}`
    }
  const below: (word: readonly [string, string]) => Tell =
    (word) =>
    ({ kind, count, holders }) => {
      const [only] = holders
      if (count > 1 || !only) return countOf(count, HOLDER_WORDS[kind])
      return `${word[0]} ${refOf(only.namespace, 'user')}`
    }
  const tellers: Readonly<Record<HolderKind, Tell>> = {
    process: ({ members }) => {
      const [pid = 0] = members
      const only = leaders.get(pid)
      if (members.length > 1) return `${members.length} processes are in it`
      return `1 process is in it: ${only ? who(pid) : `process ${pid}`}`
    },
    thread: ({ holders }) => {
      const owners = byProcess(holders)
      const [pid = null] = owners.keys()
      if (owners.size > 1) return `${holders.length} threads of ${owners.size} processes`
      return `${numbersOf(
        HOLDER_WORDS.thread,
        holders.map(({ tid }) => tid),
      )} of ${who(pid)}`
    },
    forChildren: ({ holders }) => {
      const owners = byProcess(holders)
      const [pid = null] = owners.keys()
      if (owners.size > 1) return countOf(owners.size, HOLDER_WORDS.forChildren)
      return `${who(pid)}, whose children are born into it`
    },
    descriptor: open(['fd', 'fds']),
    socket: open(['socket', 'sockets']),
    device: open(['the tun device of fd', 'the tun devices of fds']),
    mount: ({ count, holders }) => {
      const [only] = holders
      if (count > 1 || !only) return countOf(count, HOLDER_WORDS.mount)
      const elsewhere = only.namespace !== null && only.namespace !== readerMounts
      const where = elsewhere ? `, in ${refOf(only.namespace, 'mnt')}` : ''
      return `the bind mount ${only.path ?? '?'}${where}`
    },
    child: below(['its child', 'its children']),
    owned: below(['what it owns,', 'what it owns,']),
  }
  return (group) => tellers[group.kind](group)
}
