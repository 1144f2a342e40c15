import { isInitialInum } from '../kernel/namespace-types.ts'
import type { UserNamespace } from '../model/pair.ts'
import type { Subject } from '../model/subject.ts'
import { isWithin, lineOf, type ParentOf } from './ancestry.ts'
import { sameId } from './capable.ts'

/**
 * What one turn of the kernel's loop finds of a user namespace: `own`: the task is in it, its effective set
 * counts · `owned`: a child of its own that it owns, it has all capabilities · `above`: not below of its own, it
 * has none · `child`: a child of its own that another one owns, on to its own · `other`: on to the parent ·
 * `untold`: which of `owned` and `child` cannot be told · `unseen`: the parent is out of sight.
 */
export type Finding = 'own' | 'owned' | 'above' | 'child' | 'other' | 'untold' | 'unseen'

export interface CapabilityStep {
  readonly inum: number
  /** Levels below the initial one; null: not all ancestors are in sight. */
  readonly level: number | null
  /** Of its creator; null: it could not be read. */
  readonly ownerUid: number | null
  readonly finding: Finding
}

export interface CapabilityExplained {
  readonly steps: readonly CapabilityStep[]
  /** All, the effective set of the task, none; null: it cannot be told. */
  readonly result: 'all' | 'effective' | 'none' | null
}

export interface CapabilityQuestion {
  /** The user namespace in which it is asked for; of another namespace, its owner. */
  readonly target: number
  readonly users: ReadonlyMap<number, UserNamespace>
  /** Ids are the kernel's own; else 65534 may stand for any that the reader has no number for. */
  readonly kernelIds: boolean
}

/**
 * Which capabilities a task has in a user namespace, turn by turn as the kernel decides it (cap_capable() in
 * security/commoncap.c).
 */
export function explainCapability(
  { links, credentials }: Pick<Subject, 'links' | 'credentials'>,
  { target, users, kernelIds }: CapabilityQuestion,
): CapabilityExplained {
  const own = links.user
  if (own === undefined || credentials === null) return { steps: [], result: null }
  const parentOf: ParentOf = (inum) => users.get(inum)?.parent
  const ownLevel = levelOf(own, parentOf)
  const steps: CapabilityStep[] = []
  for (const inum of lineOf(target, parentOf)) {
    const level = levelOf(inum, parentOf)
    const { parent = null, ownerUid = null } = users.get(inum) ?? {}
    const finding = (): Finding => {
      if (inum === own) return 'own'
      if (level !== null && ownLevel !== null && level <= ownLevel) return 'above'
      if (parent === own) {
        const owns = sameId(ownerUid, credentials.uid.effective, kernelIds)
        return owns === null ? 'untold' : owns ? 'owned' : 'child'
      }
      if (parent !== null) return 'other'
      return isWithin(inum, own, parentOf) === false ? 'above' : 'unseen'
    }
    const step = { inum, level, ownerUid, finding: finding() }
    steps.push(step)
    if (step.finding in RESULTS) break
  }
  return { steps, result: resultOf(steps) }
}

/** The findings that end the loop. */
const RESULTS: Readonly<Partial<Record<Finding, CapabilityExplained['result']>>> = {
  ...{ own: 'effective', owned: 'all', above: 'none', unseen: null },
}

function resultOf(steps: readonly CapabilityStep[]): CapabilityExplained['result'] {
  if (steps.some(({ finding }) => finding === 'untold')) return null
  const last = steps.at(-1)
  return (last && RESULTS[last.finding]) ?? null
}

function levelOf(inum: number, parentOf: ParentOf): number | null {
  const line = lineOf(inum, parentOf)
  return isInitialInum(line.at(-1) as number) ? line.length - 1 : null
}
