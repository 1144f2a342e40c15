import { formatIp, networkOf, parseIp } from '../../kernel/ip-address.ts'
import {
  type ProcAddress,
  type ProcRoute,
  parseIfInet6,
  parseIpv6Route,
  parseLocalIpv4,
  parseNetDev,
  parseNetRoute,
} from '../../kernel/proc-net.ts'
import { latin1Of } from '../answers.ts'
import type { Answers } from '../contents.ts'
import { groupBy } from '../group-by.ts'
import type { Address, NetInterface, Route } from './net-contents.ts'

/** What the tables of /proc/PID/net do not tell of an interface. */
const UNTOLD = ['mac', 'state', 'flags', 'mtu', 'kind', 'master', 'peer', 'lower']

/**
 * Interfaces by the tables of /proc/PID/net. An IPv4 address stands in none of them with its interface: it is told
 * by the route to its own network, which the kernel makes with the address.
 */
export function procInterfaces(answers: Answers): { rows: NetInterface[]; unknown: string[] } {
  const names = parsed(answers, 'procDev', parseNetDev)
  if (!names) return { rows: [], unknown: ['interfaces'] }
  // Without IPv6 the file is missing, and so are the addresses.
  const v6 = answers.procIfInet6 === 'ENOENT' ? [] : parsed(answers, 'procIfInet6', parseIfInet6)
  const v4 = ipv4Addresses(answers)
  const v6ByName = groupBy(v6 ?? [], ({ name }) => name)
  const indexes = new Map((v6 ?? []).map(({ name, index }) => [name, index]))
  const rows = names.map((name) => ({
    ...{ index: indexes.get(name) ?? null, name, mac: null, state: null, flags: [], mtu: null },
    ...{ kind: null, master: null, peer: null, lower: null },
    addresses: [
      ...(v4.byInterface.get(name) ?? []),
      ...(v6ByName.get(name) ?? [])
        .sort(byScope)
        .map(({ address, scope }) => ({ address, scope, family: 'inet6' as const })),
    ],
  }))
  const fields = [
    ...UNTOLD,
    ...(names.every((name) => indexes.has(name)) ? [] : ['index']),
    ...(v6 && v4.complete ? [] : ['addresses']),
  ]
  return { rows, unknown: fields.map((field) => `interfaces.${field}`) }
}

/** The table is in the order of a hash: what reaches farthest first, as netlink has it. */
function byScope(a: ProcAddress, b: ProcAddress): number {
  const isLink = ({ scope }: ProcAddress) => Number(scope === 'link')
  return isLink(a) - isLink(b) || (a.address < b.address ? -1 : 1)
}

/** `main` of IPv4, of several next hops the first; of IPv6 all tables, so that what a route's table is cannot be told. */
export function procRoutes(answers: Answers): { rows: Route[]; unknown: string[] } {
  const v4 = parsed(answers, 'procRoute', parseNetRoute)
  const v6 =
    answers.procIpv6Route === 'ENOENT' ? [] : parsed(answers, 'procIpv6Route', parseIpv6Route)
  if (!v4 || !v6) return { rows: [], unknown: ['routes'] }
  return {
    rows: [...v4, ...v6].map((row: ProcRoute) => ({
      ...row,
      ...{ table: null, protocol: null, type: null, source: null },
    })),
    unknown: ['table', 'protocol', 'type', 'source'].map((field) => `routes.${field}`),
  }
}

function parsed<T>(answers: Answers, name: string, parse: (text: string) => T | null): T | null {
  const text = latin1Of(answers, name)
  return text === null ? null : parse(text)
}

interface Ipv4 {
  readonly byInterface: ReadonlyMap<string, Address[]>
  /** Each address has found its interface. */
  readonly complete: boolean
}

function ipv4Addresses(answers: Answers): Ipv4 {
  const addresses = parsed(answers, 'procFibTrie', parseLocalIpv4)
  const routes = parsed(answers, 'procRoute', parseNetRoute)
  if (!addresses || !routes) return { byInterface: new Map(), complete: false }
  const networks = new Map(
    routes
      .filter(({ gateway }) => gateway === null)
      .map(({ destination, interface: name }) => [destination, name]),
  )
  const homes = addresses.flatMap((address) => homeOf(address, networks) ?? [])
  const byName = groupBy(homes, ({ name }) => name)
  return {
    byInterface: new Map([...byName].map(([name, rows]) => [name, rows.map((row) => row.address)])),
    complete: homes.length === addresses.length,
  }
}

/** By the smallest network that is reached directly. A default route says nothing of where an address is. */
function homeOf(
  text: string,
  networks: ReadonlyMap<string, string | null>,
): { name: string; address: Address } | null {
  const family = 'inet' as const
  if (text.startsWith('127.')) {
    return { name: 'lo', address: { address: `${text}/8`, scope: 'host', family } }
  }
  const ip = parseIp(text)
  for (let length = 32; ip && length > 0; length--) {
    const name = networks.get(`${formatIp(networkOf(ip, length))}/${length}`)
    if (name) return { name, address: { address: `${text}/${length}`, scope: 'global', family } }
  }
  return null
}
