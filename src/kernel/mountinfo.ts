/** Whereto mounts and unmounts below a mount spread (mount_namespaces(7)); `slave`: it only receives. */
export const PROPAGATIONS = ['private', 'shared', 'slave', 'shared,slave', 'unbindable'] as const
export type Propagation = (typeof PROPAGATIONS)[number]

export interface MountinfoLine {
  readonly id: number
  readonly parentId: number
  /** `major:minor`. */
  readonly device: string
  /** The path of the mounted directory or file within its file system. */
  readonly root: string
  readonly mountPoint: string
  /** Of this mount alone, such as `ro,nosuid`. */
  readonly mountOptions: string
  readonly propagation: Propagation
  readonly fsType: string
  readonly source: string
  /** Of the file system, such as `rw,hidepid=invisible,gid=4`. */
  readonly options: string
}

/** Undoes the octal escapes of mountinfo: space, tab, newline, backslash (and # in some fields). */
function unescapeOctal(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
}

/** Bytes read as latin1 are UTF-8 in truth, for names of files. */
export function decodePath(latin1: string): string {
  return Buffer.from(unescapeOctal(latin1), 'latin1').toString('utf8')
}

/**
 * Parses one line of /proc/PID/mountinfo (proc_pid_mountinfo(5)), read as latin1.
 *
 * @returns null where the line is not of that form.
 */
export function parseMountinfoLine(line: string): MountinfoLine | null {
  const dash = line.indexOf(' - ')
  if (dash < 0) return null
  const fields = line.slice(0, dash).split(' ')
  const [id = '', parent = '', device = '', root, mountPoint, mountOptions = '', ...tags] = fields
  const [fsType, source = '', options = ''] = line.slice(dash + 3).split(' ')
  if (!/^\d+$/.test(id) || !/^\d+$/.test(parent)) return null
  if (!root || !mountPoint?.startsWith('/') || !fsType) return null
  return {
    id: Number(id),
    parentId: Number(parent),
    device,
    root: decodePath(root),
    mountPoint: decodePath(mountPoint),
    mountOptions,
    propagation: propagationOf(tags),
    fsType,
    source: decodePath(source),
    options: decodePath(options),
  }
}

function propagationOf(tags: readonly string[]): Propagation {
  const shared = tags.some((tag) => tag.startsWith('shared:'))
  const slave = tags.some((tag) => tag.startsWith('master:'))
  if (shared) return slave ? 'shared,slave' : 'shared'
  if (slave) return 'slave'
  return tags.includes('unbindable') ? 'unbindable' : 'private'
}

/** All lines that are well formed. A hostile mount point cannot make a second line: it is escaped. */
export function parseMountinfo(text: string): MountinfoLine[] {
  return text.split('\n').flatMap((line) => parseMountinfoLine(line) ?? [])
}
