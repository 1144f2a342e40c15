import type { Errno } from '../../kernel/errno.ts'
import { programPaths } from '../../kernel/program-paths.ts'
import type { FileKind, SeenFiles } from '../../model/seen-files.ts'

/** How a look-up will be refused. */
export interface Refusal {
  readonly errno: Errno
  readonly certain: boolean
}

/**
 * Whether there is nothing to be run: all places where it is looked for have no program. The first that has
 * anything decides why (execvp(3)).
 *
 * @returns null where there may be one
 */
export function programRefusal(
  file: string,
  path: string | null,
  files: SeenFiles | null,
): Refusal | null {
  const kinds = programPaths(file, path).map((each) => files?.at.get(each))
  if (!files || kinds.length === 0 || kinds.includes('program')) return null
  const isThere = kinds.some((kind) => kind === 'directory' || kind === 'file')
  const certain = files.certain && kinds.every(isNone)
  return { errno: isThere ? 'EACCES' : 'ENOENT', certain }
}

function isNone(kind: FileKind | undefined): boolean {
  return kind !== undefined && kind !== 'unknown'
}

/** @returns null where there may be such a directory */
export function directoryRefusal(path: string, files: SeenFiles | null): Refusal | null {
  const kind = files?.at.get(path)
  if (!files || kind === 'directory') return null
  const certain = files.certain && isNone(kind)
  return { errno: certain && kind !== 'missing' ? 'ENOTDIR' : 'ENOENT', certain }
}
