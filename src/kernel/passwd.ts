/** What a passwd file says of one user (passwd(5)). Texts are one character a byte. */
export interface PasswdEntry {
  readonly name: string
  readonly home: string
  /** Empty: /bin/sh is meant. */
  readonly shell: string
}

/** PATH_MAX (limits.h): there is no longer path, and execve(2) refuses a variable of 128 KiB. */
const LONGEST = 4096

/**
 * The first line of a uid in a passwd file, as getpwuid(3) finds it. Lines that are not of that form are
 * passed over, and so are those that no program could be given: with a NUL byte, or longer than any path.
 *
 * @param text of which each character is one byte
 */
export function passwdEntryOf(text: string, uid: number): PasswdEntry | null {
  for (const line of text.split('\n')) {
    const [name, , id, , , home, shell, ...more] = line.split(':')
    if (!name || !/^\d+$/.test(id ?? '') || Number(id) !== uid) continue
    if (home === undefined || shell === undefined || more.length > 0) continue
    if (line.length > LONGEST || line.includes('\0')) continue
    return { name, home, shell }
  }
  return null
}
