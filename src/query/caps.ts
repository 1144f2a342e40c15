import { capabilityNames } from '../kernel/capabilities.ts'
import { NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'
import type { CapsFacts } from '../model/caps-facts.ts'
import type { NsRef } from '../model/snapshot.ts'
import { type CapsConsequence, capsConsequences } from './caps-consequences.ts'
import { type CapabilityStep, explainCapability } from './explain-capability.ts'
import { type SubjectRow, subjectRow } from './subject-row.ts'

/** What a task may do in namespaces; the field names are the JSON contract's. */
export interface CapsView {
  readonly a: { readonly target: string; readonly subject: SubjectRow }
  /** Null subject: a namespace was named. */
  readonly b: { readonly target: string; readonly subject: SubjectRow | null }
  /** One for each user namespace in which capabilities are asked for. */
  readonly capabilities: readonly CapsRow[]
  readonly consequences: readonly CapsConsequence[]
  /** Types of the named task that could not be read. */
  readonly unknown: readonly string[]
}

export interface CapsRow {
  /** Of what it decides: the user namespace itself, or what it owns. */
  readonly namespaces: readonly NsRef[]
  /** Null: `unknown` names it. */
  readonly userNs: NsRef | null
  /** The turns of the kernel's loop. */
  readonly steps: readonly CapsStep[]
  /** Null: `unknown` names it. */
  readonly result: 'all' | 'effective' | 'none' | null
  /** Their names; null as `result`. */
  readonly names: readonly string[] | null
  readonly unknown: readonly ('userNs' | 'result' | 'names')[]
}

export interface CapsStep extends Pick<CapabilityStep, 'level' | 'ownerUid' | 'finding'> {
  readonly ns: NsRef
}

/** @param types that were asked for; null: the user namespace, and what follows for all */
export function capsView(facts: CapsFacts, types: ReadonlySet<NsType> | null): CapsView {
  const { a, b, inums, bText } = facts
  const asked = NS_TYPE_NAMES.filter((type) => types === null || types.has(type))
  const named = asked.filter((type) => b === null || types !== null || type === 'user')
  return {
    a: { target: a.text, subject: subjectRow(a) },
    b: { target: bText, subject: b && subjectRow(b) },
    capabilities: capsRows(facts, named),
    consequences: capsConsequences(facts, { types: asked, ofTasks: types === null }),
    unknown: b === null ? [] : asked.filter((type) => inums[type] === undefined),
  }
}

function capsRows(facts: CapsFacts, types: readonly NsType[]): CapsRow[] {
  const { inums, kinship } = facts
  const byOwner = new Map<number | null, NsRef[]>()
  for (const type of types) {
    const inum = inums[type]
    if (inum === undefined) continue
    const owner = type === 'user' ? inum : (kinship.owners.get(inum) ?? null)
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), refOf(type, inum, facts)])
  }
  return [...byOwner].map(([owner, namespaces]) => capsRow(owner, namespaces, facts))
}

function capsRow(owner: number | null, namespaces: readonly NsRef[], facts: CapsFacts): CapsRow {
  if (owner === null) {
    const nothing = { userNs: null, steps: [], result: null, names: null }
    return { namespaces, ...nothing, unknown: ['userNs', 'result', 'names'] }
  }
  const { users } = facts.kinship
  const { steps, result } = explainCapability(facts.a.subject, {
    ...{ target: owner, users, kernelIds: facts.kernelIds },
  })
  return {
    ...{ namespaces, userNs: refOf('user', owner, facts) },
    steps: steps.map(({ inum, ...step }) => ({ ns: refOf('user', inum, facts), ...step })),
    ...{ result, names: result && namesOf(result, facts) },
    unknown: result === null ? ['result', 'names'] : [],
  }
}

function namesOf(
  result: NonNullable<CapsRow['result']>,
  { a, lastCapability }: CapsFacts,
): string[] {
  if (result === 'none') return []
  const all = ((1n << BigInt(lastCapability + 1)) - 1n).toString(16)
  const effective = a.subject.credentials?.capabilities.effective ?? '0'
  return capabilityNames(result === 'all' ? all : effective)
}

function refOf(type: NsType, inum: number, { namespaces }: CapsFacts): NsRef {
  return { type, inum, id: namespaces.find((ns) => ns.inum === inum)?.id ?? null }
}
