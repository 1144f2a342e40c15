/**
 * An IPv4 address of 4 bytes, or an IPv6 address of 16, as text (RFC 5952 for the latter).
 *
 * @returns null for any other length.
 */
export function formatIp(bytes: Uint8Array): string | null {
  if (bytes.length === 4) return bytes.join('.')
  return bytes.length === 16 ? formatIpv6(bytes) : null
}

/** ::ffff:0:0/96, an IPv4 address in an IPv6 socket. */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

function formatIpv6(bytes: Uint8Array): string {
  if (MAPPED.every((byte, i) => bytes[i] === byte)) return `::ffff:${bytes.subarray(12).join('.')}`
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number)).toString(16),
  )
  const { start, length } = longestZeros(groups)
  if (length < 2) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}

function longestZeros(groups: readonly string[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 }
  for (let i = 0, start = 0; i < groups.length; i++) {
    if (groups[i] !== '0') start = i + 1
    else if (i + 1 - start > longest.length) longest = { start, length: i + 1 - start }
  }
  return longest
}

/** The first address of the network in which an address lies: all bits behind the prefix are 0. */
export function networkOf(bytes: Uint8Array, prefix: number): Uint8Array {
  return bytes.map((byte, i) => {
    const bits = Math.min(8, Math.max(0, prefix - 8 * i))
    return byte & (0xff00 >> bits)
  })
}

/** The bytes of an address as `formatIp` writes it; null for other text. */
export function parseIp(text: string): Uint8Array | null {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (v4) {
    const bytes = v4.slice(1).map(Number)
    return bytes.every((byte) => byte < 256) ? Uint8Array.from(bytes) : null
  }
  return parseIpv6(text)
}

function parseIpv6(text: string): Uint8Array | null {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  if (mapped) {
    const v4 = parseIp(mapped[1] as string)
    return v4 && Uint8Array.of(...MAPPED, ...v4)
  }
  const [head = '', tail, ...rest] = text.split('::')
  if (rest.length > 0) return null
  const groupsOf = (part: string | undefined) => (part ? part.split(':') : [])
  const [before, after] = [groupsOf(head), groupsOf(tail)]
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return null
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return null
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  )
}
