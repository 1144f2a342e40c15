import { formatIp, networkOf, parseIp } from '../../kernel/ip-address.ts'
import { TABLE_MAIN } from '../../kernel/rtnetlink-routes.ts'
import { type Comparable, compareLists } from '../compare.ts'
import type { Difference } from '../contents.ts'
import type { NetContents, Route } from './net-contents.ts'

/** By destination, in whatever table; several of one destination are paired as far as they are alike. */
export function compareRoutes(known: Comparable, a: NetContents, b: NetContents): Difference[] {
  return compareLists<Route>(
    {
      ...{ known, path: ['routes'], within: 'routes', key: routeKey },
      fields: ['gateway', 'interface', 'metric', 'protocol', 'type', 'source'],
    },
    routesToCompare(known, a),
    routesToCompare(known, b),
  )
}

/** Where one side was read from the tables of /proc, the other is compared by no more than these tell. */
function routesToCompare(known: Comparable, contents: NetContents): Route[] {
  const routes = ownRoutes(contents)
  if (known('routes.table')) return routes
  const told = routes
    .filter(({ table }) => table === null || table === TABLE_MAIN)
    .map((route) => (route.family === 'inet' ? withoutForeignGateway(route) : route))
  const firstHops = new Map(
    told
      .toReversed()
      .map((route) => [`${route.family} ${route.destination} ${route.metric}`, route]),
  )
  return [...firstHops.values()].reverse()
}

/** A gateway of IPv6 stands there as this. */
const FOREIGN = '0.0.0.0'

function withoutForeignGateway(route: Route): Route {
  return route.gateway?.includes(':') ? { ...route, gateway: FOREIGN } : route
}

/** Without the routes that the kernel makes with each address, to its own network. */
function ownRoutes({ interfaces, routes }: NetContents): Route[] {
  const networks = new Set(
    interfaces.flatMap(({ name, addresses }) =>
      addresses.map(({ address }) => `${name} ${networkText(address)}`),
    ),
  )
  return routes.filter(
    ({ protocol, gateway, interface: device, destination }) =>
      !(
        (protocol === 'kernel' || protocol === null) &&
        gateway === null &&
        networks.has(`${device} ${destination}`)
      ),
  )
}

function networkText(address: string): string {
  const [ip = '', length = ''] = address.split('/')
  const bytes = parseIp(ip)
  return bytes ? `${formatIp(networkOf(bytes, Number(length)))}/${length}` : address
}

function routeKey({ destination, family, table }: Route): string {
  return [
    destination,
    ...(destination === 'default' && family === 'inet6' ? ['inet6'] : []),
    ...(table === null || table === TABLE_MAIN ? [] : [`table ${table}`]),
  ].join(' ')
}
