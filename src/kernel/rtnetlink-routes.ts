import { formatIp } from './ip-address.ts'
import { bytesOfView, dumpRequest, LITTLE_ENDIAN, parseAttributes, uint32Of } from './netlink.ts'
import { FAMILIES, type Family, parseDump } from './rtnetlink.ts'

/** One route, one row for each of its next hops (rtnetlink(7)). */
export interface RouteRow {
  readonly family: Family
  /** `default`, or a prefix such as `10.0.0.0/8`. */
  readonly destination: string
  /** Null: what it leads to is reached directly, or not at all. */
  readonly gateway: string | null
  /** Of the interface; null: it leads nowhere (`blackhole`). */
  readonly index: number | null
  readonly table: number
  /** Who made it: `kernel`, `boot`, `static`, `dhcp`, `ra` …, or a number. */
  readonly protocol: string
  /** `unicast`, `local`, `blackhole` …, or a number. */
  readonly type: string
  /** The lower one is taken; null: none, that is 0. */
  readonly metric: number | null
  /** The address that packets leave with. */
  readonly source: string | null
}

const RTM_NEWROUTE = 24
const RTM_GETROUTE = 26
/** The table `local`, which the kernel fills with what follows from the addresses. */
export const TABLE_LOCAL = 255
export const TABLE_MAIN = 254

export function routesRequest(family: Family): Uint8Array {
  const body = new Uint8Array(12)
  body[0] = family === 'inet' ? 2 : 10
  return dumpRequest(RTM_GETROUTE, body)
}

/** Routes of all tables, without cached ones. */
export function parseRoutes(bytes: Uint8Array): RouteRow[] | null {
  return parseDump(bytes, RTM_NEWROUTE, routeRowsOf)?.flat() ?? null
}

const RTA = { dst: 1, oif: 4, gateway: 5, metric: 6, source: 7, hops: 9, table: 15, via: 18 }
const RTM_F_CLONED = 0x200

const TYPES = [
  'unspec',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
]

/** As `ip route` names them (/etc/iproute2/rt_protos). */
const PROTOCOLS: Readonly<Record<number, string>> = {
  0: 'unspec',
  1: 'redirect',
  2: 'kernel',
  3: 'boot',
  4: 'static',
  8: 'gated',
  9: 'ra',
  11: 'zebra',
  12: 'bird',
  16: 'dhcp',
  18: 'keepalived',
  42: 'babel',
  186: 'bgp',
  187: 'isis',
  188: 'ospf',
  189: 'rip',
  192: 'eigrp',
}

function routeRowsOf(payload: DataView): RouteRow[] | null | undefined {
  if (payload.byteLength < 12) return undefined
  const family = FAMILIES[payload.getUint8(0)]
  if (!family || payload.getUint32(8, LITTLE_ENDIAN) & RTM_F_CLONED) return null
  const attributes = parseAttributes(payload, 12)
  const length = payload.getUint8(1)
  const destination = ipOf(attributes.get(RTA.dst)) ?? (family === 'inet' ? '0.0.0.0' : '::')
  const [protocol, type] = [payload.getUint8(5), payload.getUint8(7)]
  const route = {
    family,
    destination: length === 0 ? 'default' : `${destination}/${length}`,
    table: uint32Of(attributes.get(RTA.table)) ?? payload.getUint8(4),
    protocol: PROTOCOLS[protocol] ?? String(protocol),
    type: TYPES[type] ?? String(type),
    metric: uint32Of(attributes.get(RTA.metric)) || null,
    source: ipOf(attributes.get(RTA.source)),
  }
  const hops = attributes.get(RTA.hops)
  const ends = hops
    ? nextHops(hops)
    : [{ index: uint32Of(attributes.get(RTA.oif)), gateway: gatewayOf(attributes) }]
  return ends.map((end) => ({ ...route, ...end }))
}

type NextHop = Pick<RouteRow, 'gateway' | 'index'>

/** struct rtnexthop, 8 bytes and attributes, one after the other. */
function nextHops(view: DataView): NextHop[] {
  const hops: NextHop[] = []
  for (let at = 0; at + 8 <= view.byteLength; ) {
    const length = view.getUint16(at, LITTLE_ENDIAN)
    if (length < 8 || at + length > view.byteLength) break
    const hop = new DataView(view.buffer, view.byteOffset + at, length)
    hops.push({
      index: hop.getUint32(4, LITTLE_ENDIAN),
      gateway: gatewayOf(parseAttributes(hop, 8)),
    })
    at += (length + 3) & ~3
  }
  return hops
}

/** VIA: the gateway is of another family than the route; its address follows two bytes of family. */
function gatewayOf(attributes: ReadonlyMap<number, DataView>): string | null {
  const via = attributes.get(RTA.via)
  if (!via || via.byteLength < 2) return ipOf(attributes.get(RTA.gateway))
  return formatIp(bytesOfView(via).subarray(2))
}

function ipOf(view: DataView | undefined): string | null {
  return view ? formatIp(bytesOfView(view)) : null
}
