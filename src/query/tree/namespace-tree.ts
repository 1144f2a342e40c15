import { NS_TYPE_NAMES, type NsType } from '../../kernel/namespace-types.ts'
import type { NsRef } from '../../model/snapshot.ts'
import type { ContainerRow } from '../container-row.ts'
import { describeHolders } from '../held-by.ts'
import type { LeaderRow, Row } from '../rows.ts'
import { append } from './append.ts'
import type { Branch } from './branch.ts'
import type { TreeMember } from './members.ts'

/** A namespace with what stands below it; the field names are the JSON contract's. */
export interface NamespaceNode {
  readonly ns: NsRef
  readonly ownerUid: number | null
  /** Null: processes were not asked for. */
  readonly processCount: number | null
  readonly leader: LeaderRow | null
  readonly container: ContainerRow | null
  /** What keeps it alive without members, in one line; null: it has some, or nothing was found. */
  readonly heldBy: string | null
  /** The branch was asked for by it, or by a task in it. */
  readonly targeted: boolean
  /** By owner, of a user namespace: what it owns, but for other user namespaces. */
  readonly owned: readonly NamespaceNode[]
  /** By parent, of a PID namespace: its member processes, the leader first. */
  readonly members: readonly TreeMember[]
  readonly children: readonly NamespaceNode[]
  readonly unknown: readonly string[]
  readonly inferred: readonly string[]
  readonly atLeast: readonly string[]
  readonly lossy: readonly string[]
}

export interface NamespaceTree {
  readonly by: 'owner' | 'parent'
  readonly namespaces: readonly NamespaceNode[]
  /** Those of which it could not be read what they stand below. */
  readonly unplaced: readonly NamespaceNode[]
}

export interface NamespaceTreeQuestion {
  readonly by: 'owner' | 'parent'
  readonly types: ReadonlySet<NsType>
  /** Null: all of it. */
  readonly branch: Branch | null
  /** Those of a PID namespace, where they are shown. */
  readonly membersOf: (inum: number) => readonly TreeMember[]
}

/**
 * The trees that namespaces form: by their owning user namespaces, or by their parents.
 *
 * @param rows all namespaces, of all types that stand above those asked for.
 */
export function namespaceTree(
  rows: readonly Row[],
  question: NamespaceTreeQuestion,
): NamespaceTree {
  const below = new Map<number | null, Row[]>()
  const unplaced: Row[] = []
  const present = new Set(rows.map(({ inum }) => inum))
  for (const row of [...rows].sort(inOrder)) {
    const above = aboveOf(row, question.by)
    if (above === undefined) continue
    if (above === UNREAD || (above !== null && !present.has(above))) unplaced.push(row)
    else append(below, above, row)
  }
  const grow = (roots: readonly Row[]): NamespaceNode[] =>
    roots.flatMap((row) => nodeOf(row, { question, below, within: false, above: [] }) ?? [])
  return { by: question.by, namespaces: grow(below.get(null) ?? []), unplaced: grow(unplaced) }
}

const UNREAD = 'unread'

/** Inode of what a namespace stands below; null: nothing; undefined: it is not in such a tree. */
function aboveOf(
  { type, owner, parent, unknown }: Row,
  by: 'owner' | 'parent',
): number | null | undefined | typeof UNREAD {
  const field = by === 'parent' || type === 'user' ? 'parent' : 'owner'
  if (by === 'parent' && type !== 'user' && type !== 'pid') return undefined
  const above = field === 'parent' ? parent : owner
  return above === null && unknown.includes(field) ? UNREAD : (above?.inum ?? null)
}

function inOrder(a: Row, b: Row): number {
  return NS_TYPE_NAMES.indexOf(a.type) - NS_TYPE_NAMES.indexOf(b.type) || a.inum - b.inum
}

interface Growth {
  readonly question: NamespaceTreeQuestion
  readonly below: ReadonlyMap<number | null, readonly Row[]>
  /** Below the namespace that was named: all of it is shown. */
  readonly within: boolean
  /** Inodes of those above: numbers that are used again while we look must not make a circle. */
  readonly above: readonly number[]
}

/** Null: neither it nor anything below it was asked for. */
function nodeOf(row: Row, growth: Growth): NamespaceNode | null {
  const { question, below, above } = growth
  const { by, types, branch } = question
  if (above.includes(row.inum)) return null
  const targeted = branch?.inums.has(row.inum) ?? false
  const within = growth.within || (targeted && branch?.pid === null)
  const nodes = (below.get(row.inum) ?? []).flatMap(
    (each) => nodeOf(each, { ...growth, within, above: [...above, row.inum] }) ?? [],
  )
  const asked = types.has(row.type) && (branch === null || targeted || within)
  if (!asked && nodes.length === 0) return null
  const isOwned = ({ ns }: NamespaceNode): boolean => by === 'owner' && ns.type !== 'user'
  const members = by === 'parent' && row.type === 'pid' && asked
  return {
    ...nodeFields(row),
    targeted,
    owned: nodes.filter(isOwned),
    members: members ? question.membersOf(row.inum) : [],
    children: nodes.filter((node) => !isOwned(node)),
  }
}

/** Of a row's fields those that a node has, under their names here. */
const FIELDS: Readonly<Record<string, string>> = {
  ...{ id: 'ns.id', owner: 'owner', parent: 'parent', ownerUid: 'ownerUid', leader: 'leader' },
  'holderCounts.process': 'processCount',
}

function nodeFields(row: Row): Omit<NamespaceNode, 'targeted' | 'owned' | 'members' | 'children'> {
  const { type, inum, id, ownerUid, leader, container, holderCounts, holders, lossy } = row
  const count = holderCounts.process
  const named = (fields: readonly string[]): string[] =>
    fields.flatMap((field) => FIELDS[field] ?? (/^(leader\.|container)/.test(field) ? field : []))
  const heldBy = count === 0 ? describeHolders(row) : null
  const lossyHolder = heldBy !== null && holders.length > 0 && heldBy.includes('\ufffd')
  return {
    ns: { type, inum, id },
    ...{ ownerUid, processCount: count, leader, container, heldBy },
    unknown: named(row.unknown),
    inferred: named(row.inferred),
    atLeast: named(row.atLeast),
    lossy: [...named(lossy), ...(lossyHolder ? ['heldBy'] : [])],
  }
}
