/**
 * The names of a passwd file by uid (passwd(5)); the first line of a uid counts, as in getpwuid(3).
 * Lines that are not of that form are passed over.
 */
export function parsePasswd(text: string): Map<number, string> {
  const names = new Map<number, string>()
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':')
    if (name && uid && /^\d+$/.test(uid) && !names.has(Number(uid))) names.set(Number(uid), name)
  }
  return names
}
