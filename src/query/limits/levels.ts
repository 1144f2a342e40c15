import { UNLIMITED } from '../../kernel/namespace-nesting.ts'
import { isInitialInum, NS_TYPE_NAMES, type NsType } from '../../kernel/namespace-types.ts'
import type { LimitsFacts, ReachedLimit } from '../../model/limits.ts'
import type { NsRef } from '../../model/snapshot.ts'
import { lineOf } from '../ancestry.ts'
import { countUse, creatorIn, type UseOf } from './charges.ts'

/** A user namespace in the line, and who is charged there for what the task creates. */
export interface LimitLevel {
  readonly userNs: NsRef
  /** Below the initial one; null: `unknown` names it. */
  readonly level: number | null
  /** As the reader sees it; null: `unknown` names it. */
  readonly uid: number | null
  /** By type, those that were asked for. */
  readonly types: Readonly<Partial<Record<NsType, LimitOfType>>>
  readonly unknown: readonly ('level' | 'uid')[]
  /** `uid`: a namespace was named, and this is who probably creates others there. */
  readonly inferred: readonly 'uid'[]
}

export interface LimitOfType {
  /** As far as namespaces were found: there may be more. Null: `unknown` names it. */
  readonly used: number | null
  /** Of these, as many as count for that uid by what the kernel tells. */
  readonly certain: number | null
  /** user.max_*_namespaces there; null: `unknown` names it. */
  readonly limit: number | null
  /** No other can be created; null: it cannot be told. */
  readonly full: boolean | null
  readonly unknown: readonly ('used' | 'certain' | 'limit')[]
  /** `used`: with those that this uid has probably created; `limit`: what holds until it is changed. */
  readonly inferred: readonly ('used' | 'limit')[]
}

/** From the user namespace of the task up to the last that is in sight: each of them has a say. */
export function levelsOf(facts: LimitsFacts, types: ReadonlySet<NsType>): LimitLevel[] {
  const { userNs, users } = facts
  if (userNs === null) return []
  const line = lineOf(userNs, (inum) => users.get(inum)?.parent)
  const ends = isInitialInum(line.at(-1) as number)
  const useOf = isRelated(facts) ? countUse(facts) : null
  return line.map((inum, i): LimitLevel => {
    const level = ends ? line.length - 1 - i : null
    const { uid, inferred } = whoAt(i, line, facts)
    const rows = NS_TYPE_NAMES.filter((type) => types.has(type)).map((type) => {
      const use = useOf && uid !== null ? useOf({ userNs: inum, uid, type }) : null
      return [type, limitOfType(use, limitAt(inum, type, facts))] as const
    })
    return {
      userNs: { type: 'user', inum, id: idOf(inum, facts) },
      ...{ level, uid, types: Object.fromEntries(rows) },
      unknown: [
        ...(level === null ? (['level'] as const) : []),
        ...(uid === null ? (['uid'] as const) : []),
      ],
      inferred,
    }
  })
}

/** Owners and parents are known, so that it can be told what counts where. */
function isRelated({ coverage }: LimitsFacts): boolean {
  const state = coverage.sources.find(({ name }) => name === 'relatives')?.state
  return state === 'read' || state === 'partial'
}

function whoAt(
  i: number,
  line: readonly number[],
  facts: LimitsFacts,
): Pick<LimitLevel, 'uid' | 'inferred'> {
  if (i > 0) return { uid: facts.users.get(line[i - 1] as number)?.ownerUid ?? null, inferred: [] }
  const { subject } = facts
  if (subject) return { uid: subject.credentials?.uid.effective ?? null, inferred: [] }
  const uid = creatorIn(line[0] as number, facts)?.uid ?? null
  return { uid, inferred: uid === null ? [] : ['uid'] }
}

function idOf(inum: number, { namespaces }: LimitsFacts): string | null {
  return namespaces.find((ns) => ns.inum === inum)?.id ?? null
}

interface Limit {
  readonly limit: number | null
  readonly inferred: boolean
}

/** /proc/sys/user shows those of whoever reads it. */
function limitAt(inum: number, type: NsType, { reader, limits }: LimitsFacts): Limit {
  if (inum === reader) return { limit: limits[type] ?? null, inferred: false }
  return isInitialInum(inum)
    ? { limit: null, inferred: false }
    : { limit: UNLIMITED, inferred: true }
}

function limitOfType(use: ReturnType<UseOf> | null, { limit, inferred }: Limit): LimitOfType {
  const used = use?.used ?? null
  const certain = use?.certain ?? null
  return {
    ...{ used, certain, limit, full: isFull(use, limit) },
    unknown: [
      ...(use === null ? (['used', 'certain'] as const) : []),
      ...(limit === null ? (['limit'] as const) : []),
    ],
    inferred: [
      ...(used !== certain ? (['used'] as const) : []),
      ...(inferred ? (['limit'] as const) : []),
    ],
  }
}

function isFull(use: ReturnType<UseOf> | null, limit: number | null): boolean | null {
  if (limit === null) return null
  if (limit === 0) return true
  if (use === null) return null
  if (use.certain >= limit) return true
  return use.used >= limit ? null : false
}

/** Where no other namespace can be created, or probably none. */
export function reachedLimits(levels: readonly LimitLevel[]): ReachedLimit[] {
  return levels.flatMap(({ userNs, uid, types }) =>
    NS_TYPE_NAMES.flatMap((type): ReachedLimit[] => {
      const { used = null, limit = null, full = false } = types[type] ?? {}
      if (full === false || limit === null || uid === null || used === null) return []
      return [{ type, userNs: userNs.inum, uid, used, limit, certain: full === true }]
    }),
  )
}
