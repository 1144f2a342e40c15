import { formatIp } from './ip-address.ts'
import { LITTLE_ENDIAN } from './netlink.ts'
import type { Family } from './rtnetlink.ts'
import type { ListeningProtocol, ListeningSocket } from './sock-diag.ts'

/**
 * The tables below /proc/PID/net, which everybody may read of everybody: less than netlink tells, for a reader
 * who may not join the namespace. All of them are numbers and names of interfaces, which hold neither blanks
 * nor colons (dev_valid_name(), net/core/dev.c). Each parser gives null for a line of another form.
 */

/** Names of the interfaces in `dev`. */
export function parseNetDev(text: string): string[] | null {
  return parseLines(text, 2, (line) => /^ *([^:\s]+):/.exec(line)?.[1])
}

export interface ProcAddress {
  readonly name: string
  readonly index: number
  /** With the length of its prefix. */
  readonly address: string
  readonly scope: string
}

/** IPV6_ADDR_* of include/net/ipv6.h, by the words of rtnetlink(7). */
const IPV6_SCOPES: Readonly<Record<string, string>> = {
  '00': 'global',
  10: 'host',
  20: 'link',
  40: 'site',
}

/** `if_inet6`: the IPv6 addresses. */
export function parseIfInet6(text: string): ProcAddress[] | null {
  return parseLines(text, 0, (line) => {
    const [hex = '', index = '', length = '', scope = '', flags, name] = line.trim().split(/ +/)
    const ip = ipOfHex(hex)
    if (!ip || !flags || !name) return undefined
    return {
      name,
      index: Number.parseInt(index, 16),
      address: `${ip}/${Number.parseInt(length, 16)}`,
      scope: IPV6_SCOPES[scope] ?? scope,
    }
  })
}

export interface ProcRoute {
  readonly family: Family
  readonly destination: string
  /** `0.0.0.0`: one of IPv6, which the table of IPv4 cannot hold. */
  readonly gateway: string | null
  /** Null: it leads nowhere. */
  readonly interface: string | null
  readonly metric: number | null
}

const RTF_GATEWAY = 2

/** `route`: IPv4, the table `main` alone. A `blackhole` and its like stand there with `*`. */
export function parseNetRoute(text: string): ProcRoute[] | null {
  return parseLines(text, 1, (line) => {
    const [name, to = '', via = '', flags = '', , , metric, mask = ''] = line.trim().split(/\t+/)
    const [destination, gateway] = [ipOfWords(to), ipOfWords(via)]
    if (!name || !destination || !gateway || mask.length !== 8) return undefined
    const length = Number.parseInt(mask, 16).toString(2).replaceAll('0', '').length
    return {
      family: 'inet' as const,
      destination: length === 0 ? 'default' : `${destination}/${length}`,
      gateway: Number.parseInt(flags, 16) & RTF_GATEWAY ? gateway : null,
      interface: name === '*' ? null : name,
      metric: Number(metric) || null,
    }
  })
}

const RTF_REJECT = 0x200
/** RTF_LOCAL, RTF_ANYCAST and RTF_CACHE: what follows from addresses, and what was learnt on the way. */
const RTF_DERIVED = 0x8110_0000
/** Of the route that stands for all that have none (ip6_null_entry). */
const NO_METRIC = 0xffff_ffff

/** `ipv6_route`: of all tables, without saying which; the multicast route of each interface is left out. */
export function parseIpv6Route(text: string): ProcRoute[] | null {
  const rows = parseLines(text, 0, (line) => {
    const fields = line.trim().split(/ +/)
    const [to = '', length = '', , , via = '', metric = '', , , flags = '', name] = fields
    const [destination, gateway] = [ipOfHex(to), ipOfHex(via)]
    if (!destination || !gateway || !name) return undefined
    const bits = Number.parseInt(flags, 16)
    const cost = Number.parseInt(metric, 16)
    if ((bits & RTF_DERIVED) !== 0 || to.startsWith('ff')) return null
    if ((bits & RTF_REJECT) !== 0 && cost === NO_METRIC) return null
    const prefix = Number.parseInt(length, 16)
    return {
      family: 'inet6' as const,
      destination: prefix === 0 ? 'default' : `${destination}/${prefix}`,
      gateway: bits & RTF_GATEWAY ? gateway : null,
      interface: (bits & RTF_REJECT) !== 0 ? null : name,
      metric: cost || null,
    }
  })
  return rows?.flatMap((row) => row ?? []) ?? null
}

/**
 * `fib_trie`: the IPv4 addresses of this machine itself, in their order, each once. A leaf is `|-- ADDRESS`, its
 * routes follow it: `/32 host LOCAL`. Ranges that were made local (`/16 host LOCAL`) are no addresses.
 */
export function parseLocalIpv4(text: string): string[] {
  const found = new Set<string>()
  let leaf = ''
  for (const line of text.split('\n')) {
    const address = /^ *\|-- (\d+\.\d+\.\d+\.\d+)$/.exec(line)?.[1]
    if (address) leaf = address
    else if (/^ *\/32 host LOCAL/.test(line)) found.add(leaf)
  }
  return [...found]
}

/** LISTEN of TCP and CLOSE of UDP, as in sock-diag.ts. */
const LISTENING_STATES: Readonly<Record<ListeningProtocol, string>> = {
  tcp: '0A',
  tcp6: '0A',
  udp: '07',
  udp6: '07',
}

/** One of `tcp`, `tcp6`, `udp` and `udp6`: the listening sockets. */
export function parseNetSockets(
  text: string,
  protocol: ListeningProtocol,
): ListeningSocket[] | null {
  const rows = parseLines(text, 1, (line) => {
    const [, local = '', , state, , , , uid, , inode] = line.trim().split(/\s+/)
    const [hex = '', port = ''] = local.split(':')
    const address = ipOfWords(hex)
    if (!address || !/^[0-9A-F]{4}$/.test(port) || !inode) return undefined
    if (state !== LISTENING_STATES[protocol] || port === '0000') return null
    const number = Number.parseInt(port, 16)
    const index = null
    return { protocol, address, port: number, index, uid: Number(uid), inode: Number(inode) }
  })
  return rows?.flatMap((row) => row ?? []) ?? null
}

/** Null where one line is undefined. */
function parseLines<T>(
  text: string,
  headings: number,
  parse: (line: string) => T | undefined,
): T[] | null {
  const lines = text.split('\n').slice(headings)
  const rows = lines.filter((line) => line.trim() !== '').map(parse)
  return rows.includes(undefined) ? null : (rows as T[])
}

/** Bytes in network order. */
function ipOfHex(hex: string): string | null {
  const wellFormed = /^(?:[0-9a-fA-F]{8}){1,4}$/.test(hex)
  return wellFormed ? formatIp(Buffer.from(hex, 'hex')) : null
}

/** 32-bit words, each printed as a number of this machine. */
function ipOfWords(hex: string): string | null {
  if (!LITTLE_ENDIAN) return ipOfHex(hex)
  return ipOfHex(hex.replace(/(..)(..)(..)(..)/g, '$4$3$2$1'))
}
