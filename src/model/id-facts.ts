import type { IdMapLine } from '../kernel/id-map.ts'
import type { SubidGrant } from '../kernel/subid-grants.ts'
import type { Container } from './container.ts'
import type { Inspection, KnownNamespace } from './inspection.ts'
import type { Coverage, HostInfo } from './snapshot.ts'
import type { Target } from './target.ts'

/** Users and groups are translated in the same way, each by its own files. */
export type IdKind = 'uid' | 'gid'

/**
 * What is to be translated. `text` is what was written: `1000@web` (an id as web numbers it), `101000` or a
 * name (an id as the reader numbers it; `target` is null), or a process (`id` is null), of which all ids are.
 */
export interface IdWord {
  readonly text: string
  readonly id: number | string | null
  readonly target: Target | null
}

/** One user namespace on the way from the reader's to the one that is meant. */
export interface IdLevel {
  /** Null: it could not be read, or has no name for the reader. */
  readonly inum: number | null
  /** Ids inside, and the same as the reader sees them; null: no process shows its map. */
  readonly map: readonly IdMapLine[] | null
  /** Names by id, as far as the passwd or group file of a process in it tells them; null: it could not be read. */
  readonly names: ReadonlyMap<number, string> | null
  /** Of that process; null: in none. Undefined: it could not be told, or there is no process. */
  readonly container?: Container | null | undefined
}

/** A way from the reader's user namespace down; complete, or of the two ends alone. */
export interface IdPath {
  readonly text: string
  readonly levels: readonly IdLevel[]
  /** Nothing is missing between the levels. */
  readonly complete: boolean
}

/** One word with what was found for it. */
export interface IdSource {
  readonly word: IdWord
  /** The process that the word names; null: it names none. */
  readonly task: Pick<Inspection, 'subject' | 'user' | 'container'> | null
  /** From where the id is named; of an id of the reader, the reader's namespace alone. */
  readonly path: IdPath
  /** Of an id of the reader: its number. Null: none was written. */
  readonly id: number | null
}

/** What a translation of ids was told. */
export interface IdFacts {
  readonly kind: IdKind
  readonly host: HostInfo
  readonly coverage: Coverage
  readonly namespaces: readonly KnownNamespace[]
  readonly sources: readonly IdSource[]
  /** Who asks what it calls them. */
  readonly within: IdPath | null
  /** Ids are the kernel's own; else 65534 may stand for any that the reader has no number for. */
  readonly kernelIds: boolean
  /** Null: the file could not be read, or it is of another machine. */
  readonly grants: readonly SubidGrant[] | null
}
