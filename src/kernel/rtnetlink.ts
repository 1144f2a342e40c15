import { formatIp } from './ip-address.ts'
import {
  bytesOfView,
  dumpRequest,
  int32Of,
  LITTLE_ENDIAN,
  parseAttributes,
  parseNetlink,
  stringOf,
  uint32Of,
} from './netlink.ts'

/** Network interfaces and their addresses (rtnetlink(7)); routes are in rtnetlink-routes.ts. */
export interface Link {
  readonly index: number
  readonly name: string
  /** `aa:bb:…`; null: this kind has none. */
  readonly mac: string | null
  /** `up`, `down`, `unknown`, `lowerlayerdown` …: the operational state (RFC 2863). */
  readonly state: string
  /** The flags of netdevice(7) that are set, in lower case. */
  readonly flags: readonly string[]
  readonly mtu: number | null
  /** `veth`, `bridge`, `vlan` …; null: the driver has no word for it, as that of hardware. */
  readonly kind: string | null
  readonly loopback: boolean
  /** Index of the bridge, bond, VRF … that it is part of. */
  readonly master: number | null
  /** The other end of a pair, or the interface that it lies on. */
  readonly link: { readonly index: number; readonly nsid: number | null } | null
}

export type Family = 'inet' | 'inet6'

export interface LinkAddress {
  readonly index: number
  readonly family: Family
  /** With the length of its prefix: `10.0.0.2/24`. */
  readonly address: string
  readonly scope: string
}

export const NETLINK_ROUTE = 0
const RTM_NEWLINK = 16
const RTM_GETLINK = 18
const RTM_NEWADDR = 20
const RTM_GETADDR = 22
const IFLA_EXT_MASK = 29
/** Counters are not asked for. */
const RTEXT_FILTER_SKIP_STATS = 8

export const FAMILIES: Readonly<Record<number, Family>> = { 2: 'inet', 10: 'inet6' }

export function linksRequest(): Uint8Array {
  const body = new Uint8Array(24)
  const view = new DataView(body.buffer)
  view.setUint16(16, 8, LITTLE_ENDIAN)
  view.setUint16(18, IFLA_EXT_MASK, LITTLE_ENDIAN)
  view.setUint32(20, RTEXT_FILTER_SKIP_STATS, LITTLE_ENDIAN)
  return dumpRequest(RTM_GETLINK, body)
}

export function addressesRequest(): Uint8Array {
  return dumpRequest(RTM_GETADDR, new Uint8Array(8))
}

/** @returns null where the dump failed or is not of that form, as all parsers of dumps here. */
export function parseLinks(bytes: Uint8Array): Link[] | null {
  return parseDump(bytes, RTM_NEWLINK, linkOf)
}

export function parseAddresses(bytes: Uint8Array): LinkAddress[] | null {
  return parseDump(bytes, RTM_NEWADDR, addressOf)
}

/** `parse` gives null for what is not to be listed, and undefined for what is broken. */
export function parseDump<T>(
  bytes: Uint8Array,
  type: number,
  parse: (payload: DataView) => T | null | undefined,
): T[] | null {
  const answer = parseNetlink(bytes)
  if (answer?.errno !== 0) return null
  const rows = answer.messages
    .filter((message) => message.type === type)
    .map(({ payload }) => parse(payload))
  return rows.includes(undefined) ? null : rows.flatMap((row) => row ?? [])
}

const IFLA = { address: 1, name: 3, mtu: 4, link: 5, master: 10, state: 16, info: 18, nsid: 37 }
const IFLA_INFO_KIND = 1
const ARPHRD_LOOPBACK = 772

const STATES = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up']

/** By bit (include/uapi/linux/if.h). */
const FLAGS = [
  'up',
  'broadcast',
  'debug',
  'loopback',
  'pointopoint',
  'notrailers',
  'running',
  'noarp',
  'promisc',
  'allmulti',
  'master',
  'slave',
  'multicast',
  'portsel',
  'automedia',
  'dynamic',
  'lowerup',
  'dormant',
]

function linkOf(payload: DataView): Link | undefined {
  if (payload.byteLength < 16) return undefined
  const attributes = parseAttributes(payload, 16)
  const name = stringOf(attributes.get(IFLA.name))
  if (name === null) return undefined
  const index = payload.getInt32(4, LITTLE_ENDIAN)
  const flags = payload.getUint32(8, LITTLE_ENDIAN)
  const info = attributes.get(IFLA.info)
  return {
    index,
    name,
    mac: macOf(attributes.get(IFLA.address)),
    state: STATES[attributes.get(IFLA.state)?.getUint8(0) ?? 0] ?? 'unknown',
    flags: FLAGS.filter((_, bit) => (flags & (1 << bit)) !== 0),
    mtu: uint32Of(attributes.get(IFLA.mtu)),
    kind: info ? stringOf(parseAttributes(info, 0).get(IFLA_INFO_KIND)) : null,
    loopback: payload.getUint16(2, LITTLE_ENDIAN) === ARPHRD_LOOPBACK,
    master: uint32Of(attributes.get(IFLA.master)),
    link: linkEndOf(attributes, index),
  }
}

/** An interface that is linked to itself is linked to nothing (dev_get_iflink(), net/core/dev.c). */
function linkEndOf(attributes: ReadonlyMap<number, DataView>, own: number): Link['link'] {
  const index = int32Of(attributes.get(IFLA.link))
  const nsid = int32Of(attributes.get(IFLA.nsid))
  if (index === null || index <= 0 || (index === own && nsid === null)) return null
  return { index, nsid }
}

/** A tunnel's is an IP address; the null address of the loopback is none. */
function macOf(view: DataView | undefined): string | null {
  const bytes = view ? [...bytesOfView(view)] : []
  if (bytes.length < 6 || bytes.every((byte) => byte === 0)) return null
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

const IFA_ADDRESS = 1
const IFA_LOCAL = 2

/** By number, of addresses and routes alike (rtnetlink(7)). */
const SCOPES: Readonly<Record<number, string>> = {
  0: 'global',
  200: 'site',
  253: 'link',
  254: 'host',
  255: 'nowhere',
}

function addressOf(payload: DataView): LinkAddress | null | undefined {
  if (payload.byteLength < 8) return undefined
  const family = FAMILIES[payload.getUint8(0)]
  if (!family) return null
  const attributes = parseAttributes(payload, 8)
  // Of a point-to-point interface the attribute ADDRESS is that of the other end.
  const view = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS)
  const ip = view && formatIp(bytesOfView(view))
  if (!ip) return undefined
  const scope = payload.getUint8(3)
  return {
    index: payload.getUint32(4, LITTLE_ENDIAN),
    family,
    address: `${ip}/${payload.getUint8(1)}`,
    scope: SCOPES[scope] ?? String(scope),
  }
}
