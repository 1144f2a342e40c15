import { readFileSync } from 'node:fs'

/** Ids by the names that /etc/passwd and /etc/group give them; a name service is not asked. */
export const ID_NAMES = {
  uid: (name: string): number | null => idOf(name, readFileSync('/etc/passwd', 'utf8')),
  gid: (name: string): number | null => idOf(name, readFileSync('/etc/group', 'utf8')),
} as const

/** Both files have the name first and the id third (passwd(5), group(5)); the first line counts. */
export function idOf(name: string, text: string): number | null {
  for (const line of text.split('\n')) {
    const [first, , id = ''] = line.split(':')
    if (first === name && /^\d+$/.test(id)) return Number(id)
  }
  return null
}
