import type { NamespaceInspection } from './inspection.ts'

/** What `why` was told of one namespace. Its Snapshot has the whole machine, by every source there is. */
export interface WhyInspection extends Omit<NamespaceInspection, 'contents'> {
  /** It is one of those that exist since the boot. */
  readonly initial: boolean
  /** Inode of the reader's mount namespace; null: it could not be read. */
  readonly readerMounts: number | null
}
