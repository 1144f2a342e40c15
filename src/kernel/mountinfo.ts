/** Whereto mounts and unmounts below a mount spread (mount_namespaces(7)); `slave`: it only receives. */
export const PROPAGATIONS = ['private', 'shared', 'slave', 'shared,slave', 'unbindable'] as const
export type Propagation = (typeof PROPAGATIONS)[number]

export interface MountinfoLine {
  readonly id: number
  /** The mount that it lies on; the root of all lies on itself, or on one that is out of sight. */
  readonly parentId: number
  /** `major:minor`. */
  readonly device: string
  /** The path of the mounted directory or file within its file system. */
  readonly root: string
  readonly mountPoint: string
  /** Of this mount alone, such as `ro,nosuid`. */
  readonly mountOptions: string
  readonly propagation: Propagation
  /** The peer group that it sends to and receives from; null: it is not shared. */
  readonly peerGroup: number | null
  /** The peer group that it only receives from; null: it is no slave. */
  readonly master: number | null
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
  // Some file systems show options with blanks in them, which nobody escapes.
  const [fsType, source = '', ...options] = line.slice(dash + 3).split(' ')
  if (!/^\d+ \d+ \d+:\d+ /.test(line)) return null
  if (tags.some((tag) => /^(?:shared|master):(?!\d+$)/.test(tag))) return null
  if (!root || !mountPoint?.startsWith('/') || !fsType) return null
  return {
    id: Number(id),
    parentId: Number(parent),
    device,
    root: decodePath(root),
    mountPoint: decodePath(mountPoint),
    mountOptions,
    propagation: propagationOf(tags),
    ...{ peerGroup: groupOf(tags, 'shared:'), master: groupOf(tags, 'master:') },
    fsType,
    source: decodePath(source),
    options: decodePath(options.join(' ')),
  }
}

function groupOf(tags: readonly string[], name: 'shared:' | 'master:'): number | null {
  const tag = tags.find((each) => each.startsWith(name))
  return tag === undefined ? null : Number(tag.slice(name.length))
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
