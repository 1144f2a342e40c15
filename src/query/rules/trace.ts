import type { Pair } from '../../model/pair.ts'
import { lineOf } from '../ancestry.ts'
import { capableIn, sameId } from '../capable.ts'
import { every, some, type Truth } from '../truth.ts'
import { hasExited, type Rule, swap, type Told } from './rule.ts'
import { isVisible } from './see.ts'
import { capability, capableOver, unknownRights } from './signal.ts'

/** ptrace(2), PTRACE_MODE_ATTACH_REALCREDS: __ptrace_may_access() in kernel/ptrace.c. */
export const TRACE: readonly Rule[] = [
  { rule: 'trace', tell: trace },
  { rule: 'be-traced', tell: (pair) => trace(swap(pair)) },
]

function trace(pair: Pair): Told {
  const { a, b } = pair
  const failure = CONDITIONS.map((condition) => condition(pair)).find(({ met }) => met === false)
  if (failure) return { holds: false, text: `${a.name} cannot trace ${b.name}: ${failure.why}` }
  const doubt = CONDITIONS.map((condition) => condition(pair)).find(({ met }) => met === null)
  if (doubt) {
    return {
      holds: null,
      text: `it cannot be told whether ${a.name} can trace ${b.name}: ${doubt.why}`,
    }
  }
  const why = capableOver(pair, 'CAP_SYS_PTRACE')
    ? capability(pair, 'CAP_SYS_PTRACE')
    : `it has the same user and group, and all capabilities that ${b.name} has`
  return { holds: true, text: `${a.name} can trace ${b.name}, and so read its memory: ${why}` }
}

interface Condition {
  readonly met: Truth
  readonly why: string
}

/** All must be met. */
const CONDITIONS: readonly ((pair: Pair) => Condition)[] = [
  traceable,
  (pair) => {
    const met = isVisible(pair)
    return {
      met,
      why:
        met === false
          ? `${pair.b.name} is out of its sight`
          : `whether it sees ${pair.b.name} is unknown`,
    }
  },
  (pair) => {
    const met = some(capableOver(pair, 'CAP_SYS_PTRACE'), sameUserAndGroup(pair))
    const why = `it has another user or group, and no CAP_SYS_PTRACE in ${pair.b.name}'s user namespace`
    return { met, why: met === false ? why : unknownRights(pair) }
  },
  (pair) => {
    const met = some(capableOver(pair, 'CAP_SYS_PTRACE'), hasNoMore(pair))
    const why = `${pair.b.name} has capabilities that it has not, or another user namespace`
    return { met, why: met === false ? why : unknownRights(pair) }
  },
  dumpable,
  yama,
]

function traceable({ a, b }: Pair): Condition {
  const { subject } = b
  if (subject.tgid === a.subject.tgid) return { met: false, why: 'they are one process' }
  if (subject.kernelThread) return { met: false, why: `${b.name} is a thread of the kernel` }
  if (hasExited(a)) return { met: false, why: 'it has exited' }
  if (hasExited(b)) return { met: false, why: `${b.name} has exited` }
  const why = `the first thread of ${b.name} has ended, others live on`
  return { met: subject.state === 'Z' ? null : true, why }
}

function sameUserAndGroup({ a, b, kernelIds }: Pair): Truth {
  const [own, other] = [a.subject.credentials, b.subject.credentials]
  if (!own || !other) return null
  const { uid, gid } = other
  return every(
    ...[uid.real, uid.effective, uid.saved].map((id) => sameId(own.uid.real, id, kernelIds)),
    ...[gid.real, gid.effective, gid.saved].map((id) => sameId(own.gid.real, id, kernelIds)),
  )
}

/** cap_ptrace_access_check(): in one user namespace, the tracer needs all that the other has. */
function hasNoMore({ a, b }: Pair): Truth {
  const [own, other] = [a.subject, b.subject]
  if (own.links.user === undefined || other.links.user === undefined) return null
  if (own.links.user !== other.links.user) return false
  if (!own.credentials || !other.credentials) return null
  const [mine, its] = [own, other].map(({ credentials }) =>
    BigInt(`0x${credentials?.capabilities.permitted}`),
  ) as [bigint, bigint]
  return (its & ~mine) === 0n
}

/**
 * The memory of a process that is not dumpable asks for CAP_SYS_PTRACE where its program was started: in its
 * user namespace, or in one above it that it has left since (mm->user_ns).
 */
function dumpable({ a, b, kinship, kernelIds }: Pair): Condition {
  const target = b.subject.links.user
  const line = target === undefined ? [] : lineOf(target, (inum) => kinship.users.get(inum)?.parent)
  const capable = line.map((inum) =>
    capableIn(a.subject, {
      ...{ capability: 'CAP_SYS_PTRACE', target: inum, users: kinship.users, kernelIds },
    }),
  )
  const everywhere = line.length === 0 ? null : every(...capable)
  const somewhere = line.length === 0 ? null : some(...capable)
  // Where only some of them are enough, it cannot be told which one is meant.
  const undumpable = everywhere === true ? true : somewhere === false ? false : null
  const met = b.dumpable === null && undumpable !== true ? null : some(b.dumpable, undumpable)
  const set = 'dumpable (prctl(2), PR_SET_DUMPABLE)'
  if (met === false) return { met, why: `${b.name} is not ${set}` }
  const where = `it depends on the user namespace in which the program of ${b.name} was started`
  return { met, why: b.dumpable === false ? where : `only as long as ${b.name} is ${set}` }
}

/**
 * Documentation/admin-guide/LSM/Yama.rst: 1 ancestors alone, 2 the capability alone, 3 nobody. Whom a process
 * has named as its tracer beside its ancestors cannot be read: the text says so.
 */
function yama(pair: Pair): Condition {
  const { a, b, yama: scope } = pair
  if (scope === null || scope === 0) return { met: true, why: '' }
  const setting = `kernel.yama.ptrace_scope is ${scope}`
  if (scope === 3) return { met: false, why: `nobody can (${setting})` }
  const capable = capableOver(pair, 'CAP_SYS_PTRACE')
  if (scope === 2) return { met: capable, why: `it has no CAP_SYS_PTRACE (${setting})` }
  const met = some(capable, b.ancestors?.includes(a.subject.tgid) ?? null)
  if (met === null) return { met, why: `the ancestors of ${b.name} cannot be read (${setting})` }
  const named = `unless ${b.name} has named it (prctl(2), PR_SET_PTRACER)`
  return { met, why: `${b.name} is no descendant of ${a.name} (${setting}), ${named}` }
}
