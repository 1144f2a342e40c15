import { parseResolvConf } from '../../kernel/resolv-conf.ts'
import { type Link, type LinkAddress, parseAddresses, parseLinks } from '../../kernel/rtnetlink.ts'
import { parseRoutes, type RouteRow, TABLE_LOCAL } from '../../kernel/rtnetlink-routes.ts'
import { bytesOf } from '../answers.ts'
import type { Answers } from '../contents.ts'
import { groupBy } from '../group-by.ts'
import { parseNetListening } from './listening.ts'
import type { LinkEnd, NetContents, NetInterface, Route } from './net-contents.ts'
import { procInterfaces, procRoutes } from './proc-tables.ts'

export function parseNet(answers: Answers): NetContents {
  const links = dumped(answers, 'links', parseLinks)
  const addresses = dumped(answers, 'addresses', parseAddresses)
  const routes = routesOf(answers)
  const names = new Map((links ?? []).map(({ index, name }) => [index, name]))
  const devices =
    links && addresses
      ? { rows: interfacesOf(links, addresses, names), unknown: [] }
      : procInterfaces(answers)
  const ways =
    links && routes
      ? { rows: routes.map((row) => routeOf(row, names)), unknown: [] }
      : procRoutes(answers)
  const listening = parseNetListening(answers, names)
  const dns = dnsOf(answers)
  return {
    type: 'net',
    interfaces: devices.rows,
    routes: ways.rows.filter((route) => !isDerived(route)),
    listening: listening.rows,
    dns,
    unknown: [
      ...devices.unknown,
      ...ways.unknown,
      ...listening.unknown,
      ...(dns || answers.resolvConf === null ? [] : ['dns']),
    ],
  }
}

function dumped<T>(
  answers: Answers,
  name: string,
  parse: (bytes: Uint8Array) => T[] | null,
): T[] | null {
  const bytes = bytesOf(answers, name)
  return bytes && parse(bytes)
}

/** Kinds of which each interface is one end of a pair. */
const PAIRED = new Set(['veth', 'netkit', 'vxcan'])

function interfacesOf(
  links: readonly Link[],
  addresses: readonly LinkAddress[],
  names: ReadonlyMap<number, string>,
): NetInterface[] {
  const byIndex = groupBy(addresses, ({ index }) => index)
  return links.map((link) => interfaceOf(link, byIndex.get(link.index) ?? [], names))
}

function interfaceOf(
  link: Link,
  addresses: readonly LinkAddress[],
  names: ReadonlyMap<number, string>,
): NetInterface {
  const { index, name, mac, state, flags, mtu, kind, loopback, master } = link
  const end: LinkEnd | null = link.link && {
    ...link.link,
    namespace: null,
    name: link.link.nsid === null ? (names.get(link.link.index) ?? null) : null,
  }
  const paired = kind !== null && PAIRED.has(kind)
  return {
    ...{ index, name, mac, state, flags, mtu },
    kind: kind ?? (loopback ? 'loopback' : 'physical'),
    master: master === null ? null : nameOf(names, master),
    peer: paired ? end : null,
    lower: paired ? null : end,
    addresses: addresses.map(({ address, scope, family }) => ({ address, scope, family })),
  }
}

/** An interface that came or went between two dumps is known by its number. */
function nameOf(names: ReadonlyMap<number, string>, index: number): string {
  return names.get(index) ?? `#${index}`
}

function routesOf(answers: Answers): RouteRow[] | null {
  const [v4, v6] = [
    dumped(answers, 'routes4', parseRoutes),
    dumped(answers, 'routes6', parseRoutes),
  ]
  return v4 && v6 && [...v4, ...v6]
}

function routeOf({ index, ...row }: RouteRow, names: ReadonlyMap<number, string>): Route {
  return { ...row, interface: index === null ? null : nameOf(names, index) }
}

function isDerived({ table, protocol }: Route): boolean {
  return table === TABLE_LOCAL && protocol === 'kernel'
}

/** Without the file there are no settings (resolv.conf(5)). */
function dnsOf(answers: Answers): NetContents['dns'] {
  const bytes = bytesOf(answers, 'resolvConf')
  if (bytes) return parseResolvConf(bytes.toString('utf8'))
  return answers.resolvConf === 'ENOENT' ? { nameservers: [], search: [], options: [] } : null
}
