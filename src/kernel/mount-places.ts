/** What a line of mountinfo says of where files are, and to whom mounts spread. */
export interface MountPlace {
  readonly id: number
  /** The mount that it lies on; the root of all lies on itself, or on one that is out of sight. */
  readonly parent: number
  readonly mountPoint: string
  /** `major:minor` of the file system. */
  readonly device: string
  /** The directory of the file system that is mounted. */
  readonly root: string
  /** The mount, or the file system. */
  readonly readOnly: boolean
  /** The peer group that it sends to and receives from; null: it is not shared. */
  readonly shared: number | null
  /** The peer group that it only receives from; null: it is no slave. */
  readonly master: number | null
}

/**
 * Reads the places of a /proc/PID/mountinfo (proc_pid_mountinfo(5), mount_namespaces(7)), read as
 * latin1. Paths stay as the kernel escapes them: they are compared, not shown. A line that is not of the
 * form is left out.
 */
export function parseMountPlaces(text: string): MountPlace[] {
  return text.split('\n').flatMap((line) => {
    const [, id, parent, device, root, mountPoint, options = '', tags = '', superOptions = ''] =
      LINE.exec(line) ?? []
    if (device === undefined || root === undefined || mountPoint === undefined) return []
    return {
      ...{ id: Number(id), parent: Number(parent), device, root, mountPoint },
      readOnly: isReadOnly(options) || isReadOnly(superOptions),
      ...{ shared: group(tags, 'shared'), master: group(tags, 'master') },
    }
  })
}

const LINE = /^(\d+) (\d+) (\d+:\d+) (\S+) (\/\S*) (\S+)((?: \S+:\d+| unbindable)*) - \S+ \S* (.*)$/

function isReadOnly(options: string): boolean {
  return options.split(',').includes('ro')
}

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
  let at = shortest(left.filter(({ id, parent }) => parent === id || !ids.has(parent)))
  for (let next = at; next !== null; ) {
    at = next
    left = left.filter((mount) => mount !== next)
    next = shortest(left.filter(({ parent }) => parent === at?.id))
  }
  if (!at) return null
  const rest = at.mountPoint === '/' ? path : path.slice(at.mountPoint.length)
  const where = `${at.device} ${at.root === '/' ? rest : at.root + rest}`
  return { where, readOnly: at.readOnly }
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

function group(tags: string, name: string): number | null {
  const [, digits] = new RegExp(` ${name}:(\\d+)`).exec(tags) ?? []
  return digits === undefined ? null : Number(digits)
}
