import type { NsType } from '../kernel/namespace-types.ts'

/** What a tree or a matrix is asked about, as it was found on the machine: a task, or a namespace. */
export type BranchTarget =
  | {
      readonly kind: 'task'
      readonly text: string
      /** Its process. */
      readonly pid: number
      readonly inums: ReadonlySet<number>
    }
  | {
      readonly kind: 'namespace'
      readonly text: string
      /** Null: only its id was named. */
      readonly inum: number | null
      readonly id: string | null
      /** Null: the number alone does not tell. */
      readonly type: NsType | null
      /** It was named by a path. */
      readonly path: boolean
    }
