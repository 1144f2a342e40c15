import type { Container } from '../model/container.ts'
import { containerLabel } from '../model/container-label.ts'

/** A container as documents show it; the field names are the JSON contract's. */
export interface ContainerRow extends Omit<Container, 'outer'> {
  /** In one word, with those around it: `machine:box/docker:web`. */
  readonly label: string
  readonly outer: ContainerRow | null
}

/** Makes rows of containers, each once however many processes are in it. */
export function containerRows(): (container: Container) => ContainerRow {
  const rows = new Map<Container, ContainerRow>()
  const rowOf = (container: Container): ContainerRow => {
    const known = rows.get(container)
    if (known) return known
    const { family, kind, id, name, image, pod, compose, outer, evidence, unknown } = container
    const row = {
      label: containerLabel(container),
      ...{ family, kind, id, name, image, pod, compose },
      outer: outer && rowOf(outer),
      ...{ evidence, unknown },
    }
    rows.set(container, row)
    return row
  }
  return rowOf
}
