import type { Contents, Difference } from './contents.ts'
import { groupBy } from './group-by.ts'

/** Tells whether a field, such as `interfaces.mac`, is known on both sides, and so can be compared. */
export type Comparable = (field: string) => boolean

export function comparable(a: Contents, b: Contents): Comparable {
  const unknown = new Set([...a.unknown, ...b.unknown])
  return (field) => {
    const parts = field.split('.')
    return parts.every((_, i) => !unknown.has(parts.slice(0, i + 1).join('.')))
  }
}

/** Plain data, compared by value. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Compares the named fields, one difference each. `within`: what `unknown` puts before their names. */
export function compareFields<T extends object>(
  {
    known,
    path = [],
    within = '',
  }: { known: Comparable; path?: readonly string[]; within?: string },
  [a, b]: readonly [T, T],
  fields: readonly (keyof T & string)[],
): Difference[] {
  return fields.flatMap((field) =>
    !known(nameOf(within, field)) || same(a[field], b[field])
      ? []
      : [{ path: [...path, field], a: a[field], b: b[field] }],
  )
}

/** How items of a list are told apart, and what counts in them. */
export interface ListComparison<T extends object> {
  readonly known: Comparable
  /** Where the list stands: the first names of the path of every difference. */
  readonly path: readonly string[]
  /** The list as `unknown` names it, such as `interfaces`. */
  readonly within: string
  key(item: T): string
  readonly fields: readonly (keyof T & string)[]
  /** Two things that only have the same name: they are told apart as a whole, not by their fields. */
  whole?(a: T, b: T): boolean
  /** Whatever else differs between two items of one key. */
  more?(a: T, b: T, path: readonly string[]): readonly Difference[]
}

/**
 * Compares two lists whose order says nothing; nothing is said of lists that are not known as a whole. Items of one key that are equal belong together; the rest of
 * the key is paired in its order, and told apart as `key#2`.
 */
export function compareLists<T extends object>(
  how: ListComparison<T>,
  a: readonly T[],
  b: readonly T[],
): Difference[] {
  if (!how.known(how.within)) return []
  const [groupsA, groupsB] = [groupBy(a, how.key), groupBy(b, how.key)]
  const keys = [...new Set([...groupsA.keys(), ...groupsB.keys()])].sort()
  return keys.flatMap((key) =>
    compareGroup(how, key, groupsA.get(key) ?? [], groupsB.get(key) ?? []),
  )
}

function compareGroup<T extends object>(
  how: ListComparison<T>,
  key: string,
  ...groups: readonly [readonly T[], readonly T[]]
): Difference[] {
  const several = Math.max(groups[0].length, groups[1].length) > 1
  const [a, b] = several ? withoutEqual(how, ...groups) : groups
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
    const path = [...how.path, several && i > 0 ? `${key}#${i + 1}` : key]
    return compareItems(how, path, [a[i], b[i]])
  }).flat()
}

function compareItems<T extends object>(
  how: ListComparison<T>,
  path: readonly string[],
  [a, b]: readonly [T | undefined, T | undefined],
): readonly Difference[] {
  if (!a || !b) return [{ path, a: a ?? null, b: b ?? null }]
  const fields = compareFields({ ...how, path }, [a, b], how.fields)
  if (how.whole?.(a, b)) return fields.length > 0 ? [{ path, a, b }] : []
  return [...fields, ...(how.more?.(a, b, path) ?? [])]
}

/** What is left of two lists after each item of one has been paired with an equal one of the other. */
function withoutEqual<T extends object>(
  { fields, known, within }: ListComparison<T>,
  a: readonly T[],
  b: readonly T[],
): [T[], T[]] {
  const compared = fields.filter((field) => known(nameOf(within, field)))
  const signature = (item: T) => JSON.stringify(compared.map((field) => item[field]))
  const left = groupBy(b, signature)
  const restOfA = a.filter((item) => !left.get(signature(item))?.shift())
  const restOfB = new Set([...left.values()].flat())
  return [restOfA, b.filter((item) => restOfB.has(item))]
}

function nameOf(within: string, field: string): string {
  return within === '' ? field : `${within}.${field}`
}
