import type { NsType } from '../kernel/namespace-types.ts'
import { parseNsLink } from '../kernel/ns-link.ts'
import type { Procfs } from './procfs.ts'
import { errnoOf } from './system-error.ts'

/** The link does not say what a namespace link says. */
const EINVAL = 22
/** What an empty link of Linux 5.10 means: to whoever may not trace the process it shows no text. */
const EACCES = 13

/** The inode that a namespace link names, or the errno (a number) with which it could not be read. */
export function readNsLink(
  procfs: Procfs,
  path: string,
  type: NsType,
): { readonly inum: number } | { readonly errno: number } {
  try {
    const text = procfs.link(path)
    if (text === '') return { errno: EACCES }
    const link = parseNsLink(text)
    return link?.type === type ? { inum: link.inum } : { errno: EINVAL }
  } catch (error) {
    return { errno: errnoOf(error) }
  }
}
