/** One change of a document, made and undone in place. */
export interface Mutation {
  /** Such as `namespaces.*.leader.pid: deleted`; list elements are `*`. */
  readonly label: string
  apply(): void
  undo(): void
}

type Container = Record<string, unknown>

/**
 * Every change of one field: deleted, of each other JSON type, with an unknown sibling, another word,
 * a negative or a fractional number. Of the elements of a list those are changed that differ from
 * the ones before in where their fields are, and of which types.
 */
export function* mutations(document: unknown): Generator<Mutation> {
  const seen = new Set<string>()
  yield* within(document as Container, { at: '', variant: '', seen })
}

interface Place {
  readonly at: string
  /** What of the surroundings can decide which values are right. */
  readonly variant: string
  readonly seen: Set<string>
}

function* within(container: Container, place: Place): Generator<Mutation> {
  if (!Array.isArray(container))
    yield* unlessSeen(place, 'sibling', addSibling(container, place.at))
  for (const key of Object.keys(container)) {
    const at = join(place.at, Array.isArray(container) ? '*' : key)
    const value = container[key]
    const inner = { ...place, at, variant: variantOf(value, place) }
    const kind = typeOf(value)
    if (!Array.isArray(container))
      yield* unlessSeen(inner, `${kind} deleted`, remove(container, key, at))
    for (const [what, other] of substitutes(value)) {
      yield* unlessSeen(inner, `${kind} ${what}`, replace(container, key, { at, what, other }))
    }
    if (typeof value === 'object' && value !== null) yield* within(value as Container, inner)
  }
}

function* unlessSeen(
  { at, variant, seen }: Place,
  what: string,
  mutation: Mutation,
): Generator<Mutation> {
  const key = `${at} ${variant} ${what}`
  if (seen.has(key)) return
  seen.add(key)
  yield mutation
}

/** A row differs from another by its type and by which of its fields are null. */
function variantOf(value: unknown, { variant }: Place): string {
  if (typeOf(value) !== 'object') return variant
  const object = value as Container
  const words = ['type', 'kind', 'name', 'state'].map((key) => object[key] ?? '')
  const nulls = Object.keys(object).filter((key) => object[key] === null)
  return `${words.join()};${nulls.join()}`
}

const OTHERS: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['boolean', true],
  ['number', 7],
  ['string', 'no such word!'],
  ['array', []],
  ['object', {}],
]

/** Values that are wrong wherever the field is not free: another type, another word, a bad number. */
function substitutes(value: unknown): [what: string, other: unknown][] {
  const type = typeOf(value)
  const others = OTHERS.filter(([name]) => name !== type).map(
    ([name, other]): [string, unknown] => [`made ${name}`, other],
  )
  if (type === 'string') others.push(['made another word', 'no such word!'], ['made empty', ''])
  if (type === 'number') {
    others.push(['made negative', -1], ['made fractional', (value as number) + 0.5])
  }
  return others
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function addSibling(container: Container, at: string): Mutation {
  return {
    label: `${at}: an unknown sibling`,
    apply: () => {
      container.unheardOf = 1
    },
    undo: () => {
      delete container.unheardOf
    },
  }
}

function remove(container: Container, key: string, at: string): Mutation {
  const value = container[key]
  return {
    label: `${at}: deleted`,
    apply: () => {
      delete container[key]
    },
    undo: () => {
      container[key] = value
    },
  }
}

function replace(
  container: Container,
  key: string,
  { at, what, other }: { at: string; what: string; other: unknown },
): Mutation {
  const value = container[key]
  const set = (to: unknown) => () => {
    container[key] = to
  }
  return { label: `${at}: ${what}`, apply: set(other), undo: set(value) }
}
