import { formatIp } from '../../kernel/ip-address.ts'
import { type Comparable, comparable, compareFields, compareLists, same } from '../compare.ts'
import type { Difference } from '../contents.ts'
import { compareRoutes } from './compare-routes.ts'
import type { Address, LinkEnd, Listening, NetContents, NetInterface } from './net-contents.ts'

/**
 * What follows from something else is no difference of its own: the index of an interface, the link-local
 * address that its MAC makes, the route to the network of an address, the inode and processes of a socket.
 */
export function compareNet(a: NetContents, b: NetContents): Difference[] {
  const known = comparable(a, b)
  return [
    ...compareInterfaces(known, a, b),
    ...compareRoutes(known, a, b),
    ...compareLists<Listening>(
      {
        ...{ known, path: ['listening'], within: 'listening', fields: ['uid'] },
        key: ({ protocol, address, port }) =>
          `${protocol} ${address.includes(':') ? `[${address}]` : address}:${port}`,
      },
      distinct(a.listening),
      distinct(b.listening),
    ),
    ...compareDns(known, a, b),
  ]
}

function compareInterfaces(known: Comparable, a: NetContents, b: NetContents): Difference[] {
  return compareLists<NetInterface>(
    {
      ...{ known, path: ['interfaces'], within: 'interfaces', key: ({ name }) => name },
      fields: ['kind', 'mac', 'mtu', 'master'],
      // Another device that happens to have the same name.
      whole: (x, y) => x.kind !== y.kind && known('interfaces.kind'),
      more: (x, y, path) => [
        ...compareState(known, path, [x, y]),
        ...compareEnds({ known, path, field: 'peer' }, x.peer, y.peer),
        ...compareEnds({ known, path, field: 'lower' }, x.lower, y.lower),
        ...compareAddresses(known, path, [x, y]),
      ],
    },
    a.interfaces,
    b.interfaces,
  )
}

/** What the state says as well. */
const FLAGS_OF_STATE = new Set(['running', 'lowerup', 'dormant'])

/** One that is set down has another state for that, so the state is compared where the flags are the same. */
function compareState(
  known: Comparable,
  path: readonly string[],
  pair: readonly [NetInterface, NetInterface],
): Difference[] {
  const settings = (device: NetInterface) => ({
    flags: device.flags.filter((flag) => !FLAGS_OF_STATE.has(flag)),
  })
  const where = { known, path, within: 'interfaces' }
  const flags = compareFields(where, [settings(pair[0]), settings(pair[1])], ['flags'])
  return flags.length > 0 ? flags : compareFields(where, pair, ['state'])
}

/**
 * Numbers of interfaces and namespaces mean something on their own side alone, so ends are compared by
 * names and namespaces, as far as both sides know these.
 */
function compareEnds(
  { known, path, field }: { known: Comparable; path: readonly string[]; field: string },
  a: LinkEnd | null,
  b: LinkEnd | null,
): Difference[] {
  if (!known(`interfaces.${field}`)) return []
  const told = (end: LinkEnd | null) =>
    end && { name: end.name, namespace: end.namespace?.inum ?? null, elsewhere: end.nsid !== null }
  if (a === null || b === null) {
    return a === b ? [] : [{ path: [...path, field], a, b }]
  }
  const unclear = [a, b].some((end) => end.nsid !== null && end.namespace === null)
  const differ = unclear
    ? (a.nsid === null) !== (b.nsid === null)
    : !same(told(a), told(b)) && a.name !== null && b.name !== null
  return differ ? [{ path: [...path, field], a, b }] : []
}

function compareAddresses(
  known: Comparable,
  path: readonly string[],
  [a, b]: readonly [NetInterface, NetInterface],
): Difference[] {
  const items = ({ mac, addresses }: NetInterface) =>
    addresses.map((address) => ({ ...address, derived: isFromMac(address, mac) }))
  return compareLists<Address & { readonly derived: boolean }>(
    {
      ...{ known, path: [...path, 'addresses'], within: 'interfaces.addresses' },
      key: ({ address, derived }) => (derived ? 'fe80::/64 of the MAC' : address),
      fields: [],
    },
    items(a),
    items(b),
  ).map((difference) => ({
    ...difference,
    a: addressOf(difference.a),
    b: addressOf(difference.b),
  }))
}

function addressOf(item: unknown): Address | null {
  if (item === null) return null
  const { address, scope, family } = item as Address
  return { address, scope, family }
}

/** The modified EUI-64 identifier (RFC 4291, appendix A): the MAC with ff:fe within and one bit turned. */
function isFromMac({ address, scope }: Address, mac: string | null): boolean {
  const bytes = (mac ?? '').split(':').map((byte) => Number.parseInt(byte, 16))
  if (scope !== 'link' || bytes.length !== 6) return false
  const [first = 0, second = 0, third = 0, ...rest] = bytes
  const eui64 = [first ^ 2, second, third, 0xff, 0xfe, ...rest]
  return address === `${formatIp(Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, ...eui64))}/64`
}

/** Several sockets may share a port (SO_REUSEPORT): how many there are of a user, does not count. */
function distinct(listening: readonly Listening[]): Listening[] {
  const byKey = new Map(
    listening.map((row) => [`${row.protocol} ${row.address} ${row.port} ${row.uid}`, row]),
  )
  return [...byKey.values()].sort((a, b) => a.uid - b.uid)
}

/** In the order in which they are asked and tried. Without a process on one side there is nothing to compare. */
function compareDns(
  known: Comparable,
  { dns: a }: NetContents,
  { dns: b }: NetContents,
): Difference[] {
  if (!known('dns') || !a || !b) return []
  return compareFields(
    { known, path: ['dns'], within: 'dns' },
    [a, b],
    ['nameservers', 'search', 'options'],
  )
}
