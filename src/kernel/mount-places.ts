import type { MountinfoLine } from './mountinfo.ts'

/** What a line of mountinfo says of where files are, and to whom mounts spread. */
export type MountPlace = Pick<
  MountinfoLine,
  | 'id'
  | 'parentId'
  | 'device'
  | 'root'
  | 'mountPoint'
  | 'mountOptions'
  | 'options'
  | 'peerGroup'
  | 'master'
>

/** Where a directory really is. */
export interface Place {
  /** The file system and the path in it: equal for equal places. */
  readonly where: string
  readonly readOnly: boolean
}

/**
 * Walks from the root to a directory, over each mount to what lies on it. Symbolic links on the way are not
 * followed.
 *
 * @returns null where no mount holds the path: the process stands in a root without a mount of its own
 */
export function placeOf(mounts: readonly MountPlace[], path: string): Place | null {
  const ids = new Set(mounts.map(({ id }) => id))
  let left = mounts.filter(({ mountPoint }) => isWithin(path, mountPoint))
  let at = shortest(left.filter(({ id, parentId }) => parentId === id || !ids.has(parentId)))
  for (let next = at; next !== null; ) {
    at = next
    left = left.filter((mount) => mount !== next)
    next = shortest(left.filter(({ parentId }) => parentId === at?.id))
  }
  if (!at) return null
  const rest = at.mountPoint === '/' ? path : path.slice(at.mountPoint.length)
  const where = `${at.device} ${at.root === '/' ? rest : at.root + rest}`
  return { where, readOnly: isReadOnly(at) }
}

/** What is met first on the way: it covers what lies further down on the same mount. */
function shortest(mounts: readonly MountPlace[]): MountPlace | null {
  const length = ({ mountPoint }: MountPlace): number => mountPoint.length
  return mounts.reduce<MountPlace | null>(
    (best, mount) => (best && length(best) <= length(mount) ? best : mount),
    null,
  )
}

/** Whether a path is the folder, or below it. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`)
}

function isReadOnly({ mountOptions, options }: MountPlace): boolean {
  return [mountOptions, options].some((each) => each.split(',').includes('ro'))
}
