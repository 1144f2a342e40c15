import type { Container } from '../model/container.ts'
import { containerLabel } from '../model/container-label.ts'

export interface ContainerRow extends Container {
  readonly label: string
}
export function containerRow(container: Container): ContainerRow {
  return { label: containerLabel(container), ...container }
}
