import { isNsType, type NsType } from './namespace-types.ts'

const LINK = /^([a-z]+):\[(\d{1,10})\]$/

/**
 * Parses the text of a namespace link, such as `net:[4026531840]` (namespaces(7)).
 *
 * @returns null for anything else; nothing is guessed.
 */
export function parseNsLink(text: string): { type: NsType; inum: number } | null {
  const match = LINK.exec(text)
  if (!match) return null
  const [, type = '', digits = ''] = match
  const inum = Number(digits)
  return isNsType(type) && inum > 0 && inum <= 0xffff_ffff ? { type, inum } : null
}

export function formatNsLink(type: NsType, inum: number): string {
  return `${type}:[${inum}]`
}
