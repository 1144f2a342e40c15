import { realpathSync, statSync } from 'node:fs'

export interface LocalStat {
  readonly directory: boolean
  readonly uid: number
  /** Permission bits, with those of set-user-ID and the like: st_mode & 07777. */
  readonly mode: number
}

/** A path of the reader's own root, outside of procfs. Errors are Node's own. */
export function statLocal(path: string): LocalStat {
  const found = statSync(path)
  return { directory: found.isDirectory(), uid: found.uid, mode: found.mode & 0o7777 }
}

/** The path without symbolic links; relative to the working directory. */
export function realLocalPath(path: string): string {
  return realpathSync(path)
}
