/** What a passwd file says of one user (passwd(5)). Texts are one character a byte. */
export interface PasswdEntry {
  readonly name: string
  readonly home: string
  /** Empty: /bin/sh is meant. */
  readonly shell: string
}

/**
 * The first line of a uid in a passwd file, as getpwuid(3) finds it. Lines that are not of that form are
 * passed over.
 *
 * @param text of which each character is one byte
 */
export function passwdEntryOf(text: string, uid: number): PasswdEntry | null {
  for (const line of text.split('\n')) {
    const [name, , id, , , home, shell, ...more] = line.split(':')
    if (!name || !/^\d+$/.test(id ?? '') || Number(id) !== uid) continue
    if (home === undefined || shell === undefined || more.length > 0) continue
    return { name, home, shell }
  }
  return null
}
