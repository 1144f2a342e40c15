import type { NsType } from '../kernel/namespace-types.ts'
import type { Inspection, KnownNamespace } from './inspection.ts'
import type { Kinship, Pair } from './pair.ts'
import type { Coverage, HostInfo } from './snapshot.ts'

/** What a question about capabilities was told: plain data. */
export interface CapsFacts {
  readonly host: HostInfo
  readonly coverage: Coverage
  readonly namespaces: readonly KnownNamespace[]
  /** Whose capabilities they are. */
  readonly a: CapsTask
  /** Over what: a task, or a namespace alone. */
  readonly b: CapsTask | null
  readonly bText: string
  /** Inode by type, of the namespaces in question, as far as they could be read. */
  readonly inums: Readonly<Partial<Record<NsType, number>>>
  readonly kinship: Kinship
  /** Ids are the kernel's own. */
  readonly kernelIds: boolean
  /** What the rules of two tasks ask; null: a namespace was named. */
  readonly pair: Pair | null
  /** The last capability that the kernel has (/proc/sys/kernel/cap_last_cap). */
  readonly lastCapability: number
}

export interface CapsTask extends Pick<Inspection, 'subject' | 'user' | 'container'> {
  readonly text: string
}
