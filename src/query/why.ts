import { NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import { type Dependent, dependentsOf } from '../model/dependents.ts'
import type { NsRef } from '../model/snapshot.ts'
import type { WhyInspection } from '../model/why-inspection.ts'
import type { ContainerRow } from './container-row.ts'
import { describeHolders, type Marks } from './held-by.ts'
import type { LeaderRow, Row } from './rows.ts'
import { rowsOf } from './rows.ts'
import { type MemberRow, namespaceView } from './show-namespace.ts'
import { releaseOf } from './why/release.ts'
import { type Verdict, verdictOf } from './why/verdict.ts'

/** Why one namespace is alive; the field names are the JSON contract's. */
export interface WhyView {
  readonly namespace: HeldNamespace
  /** Namespaces below it that keep it alive, the nearest first. */
  readonly dependents: readonly DependentRow[]
  /** Other mount namespaces in which it is mounted. */
  readonly mountNamespaces: readonly HoldingNamespace[]
  readonly verdict: Verdict
  /** What would let go of it, a sentence each; all of them are needed. */
  readonly release: readonly string[]
}

/** With everything that holds it. */
export interface HeldNamespace extends Row {
  /** Topmost ones first. */
  readonly members: readonly MemberRow[]
}

/** A namespace that holds another one, and in short what holds it in turn. */
export interface HoldingNamespace {
  readonly namespace: NsRef
  readonly leader: Pick<LeaderRow, 'pid' | 'tid' | 'startTicks' | 'comm'> | null
  readonly container: ContainerRow | null
  /** In one line; null: nothing that could be seen. */
  readonly heldBy: string | null
}

export interface DependentRow extends HoldingNamespace {
  readonly relation: Dependent['relation']
  /** Which one it keeps alive: the namespace itself, or another dependent. */
  readonly of: NsRef
}

export function whyView(inspection: WhyInspection): WhyView {
  const { snapshot, inum, readerMounts } = inspection
  const { children, ownedCounts, contents, summary, ...namespace } = namespaceView({
    ...inspection,
    contents: null,
  })
  const dependents = dependentsOf(snapshot.namespaces, inum)
  const mounted = new Set(
    namespace.holders.flatMap(({ mountNamespace }) => mountNamespace?.inum ?? []),
  )
  if (readerMounts !== null) mounted.delete(readerMounts)
  const inums = new Set([inum, ...dependents.map((dependent) => dependent.inum), ...mounted])
  const only = { inums, ids: new Set<string>() }
  const selection = { types: new Set(NS_TYPE_NAMES), only, ofTask: null, persistent: false }
  const rows = new Map(rowsOf(snapshot, selection).map((row) => [row.inum, row]))
  return {
    namespace: { ...namespace, unknown: namespace.unknown.filter((field) => !FAMILY.has(field)) },
    dependents: dependents.flatMap(({ inum, relation, of }) => {
      const [row, other] = [rows.get(inum), rows.get(of)]
      return row && other ? { relation, of: refOf(other), ...holding(row) } : []
    }),
    mountNamespaces: [...mounted].flatMap((each) => {
      const row = rows.get(each)
      return row ? holding(row) : []
    }),
    ...{ verdict: verdictOf(inspection), release: releaseOf(inspection) },
  }
}

/** Which marks `heldBy` has: it begins with the number of processes. */
export function whyMarks({ dependents, mountNamespaces }: WhyView): Marks {
  const told = [...dependents, ...mountNamespaces].flatMap(({ heldBy }) => heldBy ?? [])
  return {
    atLeast: told.some((text) => /^\d+\+ /.test(text)),
    inferred: told.some((text) => /^\d+~ /.test(text)),
  }
}

/** Fields of `show` that are told by `dependents` here. */
const FAMILY: ReadonlySet<string> = new Set(['children', 'ownedCounts'])

function refOf({ type, inum, id }: NsRef): NsRef {
  return { type, inum, id }
}

function holding(row: Row): HoldingNamespace {
  const { leader, container } = row
  return {
    namespace: refOf(row),
    leader: leader && {
      ...{ pid: leader.pid, tid: null, startTicks: leader.startTicks, comm: leader.comm },
    },
    ...{ container, heldBy: describeHolders(row) },
  }
}
