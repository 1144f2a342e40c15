import type { IdMapLine } from '../kernel/id-map.ts'

type IdMap = readonly IdMapLine[]

/** What the reader sees for an id of a user namespace; null: it is mapped to none. */
export function outsideOf(id: number, map: IdMap): number | null {
  const line = lineOfInside(id, map)
  return line && line.outside !== null ? line.outside + (id - line.inside) : null
}

/** What a user namespace calls an id that the reader sees; null: it is mapped to none. */
export function insideOf(id: number, map: IdMap): number | null {
  const line = lineOfOutside(id, map)
  return line ? line.inside + (id - (line.outside as number)) : null
}

/** The line by which an id of a user namespace is mapped; null: there is none. */
export function lineOfInside(id: number, map: IdMap): IdMapLine | null {
  return map.find(({ inside, count }) => id >= inside && id < inside + count) ?? null
}

/** The line by which an id that the reader sees is mapped; null: there is none. */
export function lineOfOutside(id: number, map: IdMap): IdMapLine | null {
  return (
    map.find(({ outside, count }) => outside !== null && id >= outside && id < outside + count) ??
    null
  )
}
