import type { Container } from './container.ts'
import type { Kin } from './kin.ts'
import type { Snapshot } from './snapshot.ts'

/** A process with its place in the process tree. */
export interface PlacedProcess extends Kin {
  readonly comm: string
  readonly kernelThread: boolean
}

/** A machine with all its processes: what a process tree and a matrix are drawn of. Plain data. */
export interface Population {
  /** Its `processes` are those that were asked for, with their command lines and containers. */
  readonly snapshot: Snapshot
  /** All members of the namespaces that are there still, ascending by pid. */
  readonly placed: readonly PlacedProcess[]
  /** Inodes of the namespaces of the boot, as far as they were seen. */
  readonly initial: readonly number[]
  /**
   * What processes are contained in, by pid; null: in nothing. One that is not there was not asked for, or
   * could not be told. Processes of one container have equal ones.
   */
  readonly containers: Readonly<Record<number, Container | null>>
}
