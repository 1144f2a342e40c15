/** What a line of mountinfo says of where files are, and to whom mounts spread. */
export interface MountPlace {
  readonly mountPoint: string
  /** `major:minor` of the file system. */
  readonly device: string
  /** The directory of the file system that is mounted. */
  readonly root: string
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
    const [, device, root, mountPoint, tags = ''] =
      /^\d+ \d+ (\d+:\d+) (\S+) (\/\S*) \S+((?: \S+:\d+| unbindable)*) - /.exec(line) ?? []
    if (device === undefined || root === undefined || mountPoint === undefined) return []
    return {
      device,
      root,
      mountPoint,
      shared: group(tags, 'shared'),
      master: group(tags, 'master'),
    }
  })
}

/**
 * Where a directory really is, as text that is equal for equal places: the file system and the path in
 * it. Symbolic links on the way are not followed.
 *
 * @returns null where no mount holds the path: the process stands in a root without a mount of its own
 */
export function placeOf(mounts: readonly MountPlace[], path: string): string | null {
  // Of mounts on one point the last covers the others.
  let best: MountPlace | null = null
  for (const mount of mounts) {
    const { length } = mount.mountPoint
    if (isWithin(path, mount.mountPoint) && length >= (best?.mountPoint.length ?? 0)) best = mount
  }
  if (!best) return null
  const rest = best.mountPoint === '/' ? path : path.slice(best.mountPoint.length)
  return `${best.device} ${best.root === '/' ? rest : best.root + rest}`
}

function isWithin(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`)
}

function group(tags: string, name: string): number | null {
  const [, digits] = new RegExp(` ${name}:(\\d+)`).exec(tags) ?? []
  return digits === undefined ? null : Number(digits)
}
