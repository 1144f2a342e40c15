import type { RunFacts } from '../../model/run-facts.ts'
import { directoryRefusal } from '../forecast/files.ts'
import type { Cause } from './told.ts'

/** Why a path that was named will not do; nothing, where it was not or could not be looked at. */
export function placeCauses(
  path: string,
  wanted: 'directory' | 'new file',
  { places }: RunFacts,
): Cause[] {
  const place = places.get(path)
  if (!place) return []
  if (wanted === 'directory') {
    if (place.kind === 'missing') return [missing(path)]
    return place.kind === 'file' ? [{ ...missing(path), ...NOT_A_DIRECTORY }] : []
  }
  if (place.kind === 'missing' && place.folder === false) {
    return [{ ...missing(path), why: `the directory of ${path} is not there` }]
  }
  return place.kind === 'directory'
    ? [{ ...missing(path), errno: 'ENOTDIR', why: `${path} is a directory`, hint: 'name a file' }]
    : []
}

/** The same of a directory below the root that the command will have. */
export function insideCauses(path: string, root: string | null, facts: RunFacts): Cause[] {
  if (root === null) return placeCauses(path, 'directory', facts)
  const refusal = directoryRefusal(path, facts.files)
  if (refusal === null || !refusal.certain) return []
  return [{ ...missing(path), ...(refusal.errno === 'ENOTDIR' ? NOT_A_DIRECTORY : {}) }]
}

function missing(path: string): Cause {
  return {
    errno: 'ENOENT',
    why: `there is no ${path}`,
    hint: 'make it first: mkdir',
    certain: true,
  }
}

const NOT_A_DIRECTORY = {
  errno: 'ENOTDIR',
  why: 'it is no directory',
  hint: 'name a directory',
} as const

/** A path as it will be looked up: from the working directory that the command is to have. */
export function absolute(path: string, workingDirectory: string | null): string {
  return path.startsWith('/') || workingDirectory === null ? path : `${workingDirectory}/${path}`
}
