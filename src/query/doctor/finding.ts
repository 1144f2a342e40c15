import type { NsType } from '../../kernel/namespace-types.ts'
import type { NsRef } from '../../model/snapshot.ts'
import type { ContainerRow } from '../container-row.ts'
import type { ProcRef } from '../rows.ts'

/** What can be found, one word each, in the order of the checks. */
export const FINDING_CODES = [
  ...(['dead-pid-namespace', 'stuck-pid-namespace', 'stray-threads', 'children-only'] as const),
  ...(['stale-name', 'unused-name', 'mounted-mount-namespace'] as const),
  ...(['empty-user-namespace', 'no-processes', 'no-visible-holder'] as const),
  ...(['hidden-namespaces', 'gap'] as const),
] as const
export type FindingCode = (typeof FINDING_CODES)[number]

/** error: something does not work. warning: it is hardly meant so. note: worth knowing. */
export const SEVERITIES = ['error', 'warning', 'note'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Everything of one kind that was found; the field names are the JSON contract's. */
export interface Finding {
  readonly code: FindingCode
  readonly severity: Severity
  /** How many of it there are. */
  readonly count: number
  readonly text: string
  /** What would help, a sentence; nothing of it is done. */
  readonly remedy: string
  readonly subjects: readonly FindingSubject[]
}

/** What a finding is about. */
export interface FindingSubject {
  readonly namespace: NsRef | null
  readonly process: ProcRef | null
  /** What that process is contained in. */
  readonly container: ContainerRow | null
  readonly path: string | null
  /** ISO 8601; null: unknown, or nobody asks. */
  readonly since: string | null
  /** What began then: the namespace has been held, or its holder was started. Null: `since` is. */
  readonly sinceOf: 'held' | 'holder' | null
  /** In one line; null: there is no more to say. */
  readonly detail: string | null
}

/** One thing that a check has seen; those of one group become one finding. */
export interface Observation {
  readonly code: FindingCode
  readonly severity: Severity
  /** Those of the same code and group are told together. */
  readonly group: string
  /** The type that it is about; null: none. */
  readonly type: NsType | null
  readonly subject: FindingSubject
  /** In words, once it is known how many there are. */
  readonly say: (subjects: readonly FindingSubject[]) => Said
}

export interface Said {
  readonly text: string
  readonly remedy: string
}
