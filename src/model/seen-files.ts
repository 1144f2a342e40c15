/** `program`: a file that somebody may execute; `file`: one that nobody may. */
export type FileKind = 'missing' | 'directory' | 'program' | 'file' | 'unknown'

/** What is at the paths that a command will look up: looked at for a forecast alone. */
export interface SeenFiles {
  /** Below a root directory that is not the caller's. */
  readonly elsewhere: boolean
  /** False: it may have another root in the end. */
  readonly certain: boolean
  /** Absolute paths below that root. */
  readonly at: ReadonlyMap<string, FileKind>
}
