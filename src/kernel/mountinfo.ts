export interface MountinfoLine {
  readonly id: number
  /** The path of the mounted directory or file within its file system. */
  readonly root: string
  readonly mountPoint: string
  readonly fsType: string
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
  const [id = '', parent = '', , root, mountPoint] = line.slice(0, dash).split(' ')
  const [fsType, , options = ''] = line.slice(dash + 3).split(' ')
  if (!/^\d+$/.test(id) || !/^\d+$/.test(parent)) return null
  if (!root || !mountPoint?.startsWith('/') || !fsType) return null
  return {
    id: Number(id),
    root: decodePath(root),
    mountPoint: decodePath(mountPoint),
    ...{ fsType, options },
  }
}

/** All lines that are well formed. A hostile mount point cannot make a second line: it is escaped. */
export function parseMountinfo(text: string): MountinfoLine[] {
  return text.split('\n').flatMap((line) => parseMountinfoLine(line) ?? [])
}
