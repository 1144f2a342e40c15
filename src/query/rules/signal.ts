import type { Pair } from '../../model/pair.ts'
import { capableIn, sameId } from '../capable.ts'
import { every, some, type Truth } from '../truth.ts'
import { hasExited, type Rule, swap, type Told } from './rule.ts'
import { isVisible } from './see.ts'

/** kill(2): kill_ok_by_cred() in kernel/signal.c, of a process that the sender has a pid for. */
export const SIGNAL: readonly Rule[] = [
  { rule: 'signal', tell: signal },
  { rule: 'be-signalled', tell: (pair) => signal(swap(pair)) },
]

function signal(pair: Pair): Told {
  const { a, b } = pair
  if (hasExited(a)) {
    return { holds: false, text: `${a.name} cannot signal ${b.name}: it has exited` }
  }
  const visible = isVisible(pair)
  const owner = ownsProcess(pair)
  const capable = capableOver(pair, 'CAP_KILL')
  const may = a.subject.tgid === b.subject.tgid ? true : some(owner, capable)
  const holds = every(visible, may)
  const who = `${a.name} can${holds === false ? 'not' : ''} signal ${b.name}`
  if (holds === null) {
    const why = visible === null ? `whether it sees ${b.name} is unknown` : unknownRights(pair)
    return { holds, text: `whether ${a.name} can signal ${b.name} is unknown: ${why}` }
  }
  if (holds) {
    if (a.subject.tgid === b.subject.tgid) return { holds, text: `${who}: they are one process` }
    return {
      holds,
      text: `${who}: ${owner ? 'it has the same user' : capability(pair, 'CAP_KILL')}`,
    }
  }
  if (visible === false) return { holds, text: `${who}: ${b.name} is out of its sight` }
  return {
    holds,
    text: `${who}: it has another user, and no CAP_KILL in ${b.name}'s user namespace`,
  }
}

/** The real or effective user of the sender is the real or saved one of the other. */
function ownsProcess({ a, b, kernelIds }: Pair): Truth {
  const [own, other] = [a.subject.credentials?.uid, b.subject.credentials?.uid]
  if (!own || !other) return null
  const pairs = [own.real, own.effective].flatMap((id) =>
    [other.real, other.saved].map((it) => sameId(id, it, kernelIds)),
  )
  return some(...pairs)
}

export function capableOver(
  { a, b, kinship, kernelIds }: Pair,
  name: 'CAP_KILL' | 'CAP_SYS_PTRACE',
): Truth {
  const target = b.subject.links.user
  if (target === undefined) return null
  return capableIn(a.subject, { capability: name, target, users: kinship.users, kernelIds })
}

/** By which right: one of its own, or that of the creator of the user namespace. */
export function capability({ a, b }: Pair, name: string): string {
  return a.subject.links.user === b.subject.links.user
    ? `it has ${name}`
    : `it has ${name} in ${b.name}'s user namespace, from above`
}

export function unknownRights({ a, b }: Pair): string {
  const blank = [a, b].find(({ subject }) => subject.credentials === null)
  if (blank) return `the credentials of ${blank.name} could not be read`
  return 'how their user namespaces and ids are related is out of sight'
}
