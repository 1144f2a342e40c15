import type { Difference } from '../contents/contents.ts'
import { EXIT } from '../errors.ts'
import { isGone } from '../kernel/errno.ts'
import { NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'
import type { ComparedSide, ContentsData, PairInspection } from '../model/inspection.ts'
import type { NsRef } from '../model/snapshot.ts'
import type { Consequence } from './consequences.ts'
import { compareContents, summariseContents } from './contents.ts'
import { lossyPaths } from './lossy.ts'
import { type Namespaces, type Relation, relationOf } from './relation.ts'
import { refTo } from './show.ts'
import { type SubjectRow, subjectRow } from './subject-row.ts'

/** The comparison of two sides; the field names are the JSON contract's. */
export interface DiffView {
  readonly a: SideRow
  readonly b: SideRow
  /** Null: nothing differs, but something could not be compared. */
  readonly same: boolean | null
  readonly types: Readonly<Partial<Record<NsType, TypeDiff>>>
  readonly consequences: readonly Consequence[]
}

export interface SideRow {
  /** As it was named on the command line. */
  readonly target: string
  /** Null: a namespace was named. */
  readonly subject: SubjectRow | null
}

export interface TypeDiff {
  /** Null: one side has none (any more), or it could not be read: then `unknown` names that side. */
  readonly same: boolean | null
  readonly a: NsRef | null
  readonly b: NsRef | null
  readonly relation: (Omit<Relation, 'common'> & { readonly common: NsRef | null }) | null
  /** One line about what is inside of each, where they differ. */
  readonly summary: { readonly a: string | null; readonly b: string | null }
  readonly differences: readonly Difference[]
  /** Such as `a.interfaces.mac`: what could not be read and so not be compared; `a`: nothing of it. */
  readonly unknown: readonly string[]
  /** Such as `differences.0.path`. */
  readonly lossy: readonly string[]
}

export interface NamedSides {
  readonly a: string
  readonly b: string
}

export function diffView(
  pair: PairInspection,
  names: NamedSides,
  consequences: readonly Consequence[],
): DiffView {
  const known: Namespaces = new Map(pair.namespaces.map((ns) => [ns.inum, ns]))
  const types = typesThere(pair).map((type) => [type, typeDiff(type, pair, known)] as const)
  return {
    a: sideRow(pair.a, names.a),
    b: sideRow(pair.b, names.b),
    same: verdict(types.map(([, { same }]) => same)),
    types: Object.fromEntries(types),
    consequences,
  }
}

/** A type that neither side has, as where the kernel has no such namespaces, is nothing to compare. */
function typesThere({ types, a, b }: PairInspection): readonly NsType[] {
  return types.filter((type) => !isAbsent(a, type) || !isAbsent(b, type))
}

function isAbsent({ inums, task }: ComparedSide, type: NsType): boolean {
  if (!task || inums[type] !== undefined) return false
  const { linkErrnos, state, threads } = task.subject
  const errno = linkErrnos[type]
  // Of a process whose first thread has ended, the others are somewhere.
  return errno !== undefined && isGone(errno) && !(state === 'Z' && threads > 1)
}

/** One difference is enough; without one, nothing may be missing. */
function verdict(answers: readonly (boolean | null)[]): boolean | null {
  if (answers.includes(false)) return false
  return answers.includes(null) ? null : true
}

/**
 * 0 same, 1 different, 5 where nothing differs but something could not be compared; a strict reader is told of
 * anything that could not be read.
 */
export function diffExitCode(
  { same }: DiffView,
  { strict, complete }: { readonly strict: boolean; readonly complete: boolean },
): number {
  if (same === false) return EXIT.findings
  return same === null || (strict && !complete) ? EXIT.incomplete : EXIT.ok
}

function sideRow({ task }: ComparedSide, target: string): SideRow {
  return { target, subject: task && subjectRow(task) }
}

function typeDiff(type: NsType, { a, b }: PairInspection, known: Namespaces): TypeDiff {
  const [inumA, inumB] = [a.inums[type], b.inums[type]]
  const refs = {
    a: inumA === undefined ? null : refTo(inumA, type, known),
    b: inumB === undefined ? null : refTo(inumB, type, known),
  }
  const none = { relation: null, summary: { a: null, b: null }, differences: [], lossy: [] }
  if (inumA === undefined || inumB === undefined) {
    const isUnread = (side: ComparedSide) => side.inums[type] === undefined && !isAbsent(side, type)
    const unknown = [...(isUnread(a) ? ['a'] : []), ...(isUnread(b) ? ['b'] : [])]
    return { same: null, ...refs, ...none, unknown }
  }
  if (inumA === inumB) return { same: true, ...refs, ...none, unknown: [] }
  const inside = [contentsOf(a, inumA), contentsOf(b, inumB)] as const
  return { same: false, ...refs, relation: related(inumA, inumB, known), ...compared(...inside) }
}

function contentsOf({ contents }: ComparedSide, inum: number): ContentsData | null {
  return contents.find((each) => each.inum === inum) ?? null
}

function related(a: number, b: number, known: Namespaces): TypeDiff['relation'] {
  const [nsA, nsB] = [known.get(a), known.get(b)]
  if (!nsA || !nsB) return null
  const relation = relationOf(nsA, nsB, known)
  const type = relation.of === 'owner' ? 'user' : nsA.type
  return {
    ...relation,
    common: relation.common === null ? null : refTo(relation.common, type, known),
  }
}

function compared(
  a: ContentsData | null,
  b: ContentsData | null,
): Pick<TypeDiff, 'summary' | 'differences' | 'unknown' | 'lossy'> {
  const differences = a && b ? compareContents(a, b) : []
  return {
    summary: { a: a && summariseContents(a), b: b && summariseContents(b) },
    differences,
    unknown: [
      ...(a === null ? ['a'] : a.unknown.map((field) => `a.${field}`)),
      ...(b === null ? ['b'] : b.unknown.map((field) => `b.${field}`)),
    ],
    lossy: lossyPaths(differences, 'differences'),
  }
}

/** The types in the order of every listing. */
export function comparedTypes({ types }: DiffView): readonly (readonly [NsType, TypeDiff])[] {
  return NS_TYPE_NAMES.flatMap((type) => {
    const diff = types[type]
    return diff ? [[type, diff] as const] : []
  })
}
