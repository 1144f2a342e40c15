import type { NsType } from '../kernel/namespace-types.ts'
import type { Container } from './container.ts'

/** A namespace as a person names it on the command line. `text` is what was written. */
export type NsTarget =
  | {
      readonly kind: 'inum'
      readonly text: string
      readonly inum: number
      readonly type: NsType | null
    }
  | { readonly kind: 'id'; readonly text: string; readonly id: string }
  /** To be resolved by whoever may open it. */
  | { readonly kind: 'path'; readonly text: string; readonly path: string }

export interface TaskTarget {
  readonly kind: 'process'
  readonly text: string
  readonly pid: number | 'self'
}

export interface ContainerTarget {
  readonly kind: 'container'
  readonly text: string
  /** `docker`, `unit` …; null: any. */
  readonly family: string | null
  /** A name, the beginning of an id, or a label such as `machine:box/docker:web` without its family. */
  readonly name: string
}

/** A pid as a container sees it: `7@web`. */
export interface InnerTarget {
  readonly kind: 'inner'
  readonly text: string
  readonly pid: number
  readonly container: ContainerTarget
}

/** Anything that a person can name on the command line. */
export type Target = NsTarget | TaskTarget | ContainerTarget | InnerTarget

/** One of the containers among which a name is looked for. */
export interface ContainerCandidate {
  readonly container: Container
  /** Its name as nsx shows it, with its family and those that it runs in: `machine:box/docker:web`. */
  readonly label: string
  /** Its processes, as the reader sees them. */
  readonly pids: readonly number[]
}
