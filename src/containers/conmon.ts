import { optionOf, programOf } from './evidence.ts'
import type { Relative } from './family.ts'

/** What conmon, the parent of podman's and CRI-O's containers, says on its command line. */
export interface Conmon {
  readonly id: string
  readonly name: string | null
  /** An absolute path, as conmon sees it; null: not told. */
  readonly bundle: string | null
}

export function conmonOf(relative: Relative): Conmon | null {
  if (programOf(relative) !== 'conmon') return null
  const { args } = relative
  const id = optionOf(args, '-c', '--cid')
  if (id === null) return null
  const bundle = optionOf(args, '-b', '--bundle')
  return {
    id,
    name: optionOf(args, '-n', '--name') || null,
    bundle: bundle?.startsWith('/') ? bundle : null,
  }
}
