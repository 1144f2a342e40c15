import { afterEach, describe, expect, test } from 'vitest'
import { insideOf, showNamespace } from './support/documents.ts'
import { contentsOf, enter, foreign, inside } from './support/foreign.ts'
import {
  ipEnds,
  ipInterfaces,
  ipRoutes,
  sorted,
  ssListening,
  type Within,
} from './support/inside.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { startPython } from './support/python.ts'
import { endUnshared, inumOf } from './support/unshared.ts'
import { hold, releaseAll } from './support/zoo.ts'

const able =
  requireRoot() &&
  requireAddon() &&
  ['unshare', 'nsenter', 'setpriv', 'ip', 'ss', 'python3', 'cc'].every(requireCommand)

afterEach(async () => {
  await endUnshared()
  await releaseAll()
})

describe.runIf(able)('show, of what is inside of a network namespace', () => {
  function prepare(within: Within): void {
    // Without a search for duplicates, addresses are there at once.
    within('sh', '-c', 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad')
    within('sh', '-ec', SETTINGS)
  }

  const SETTINGS = `
ip link set lo up
ip link add br0 type bridge
ip link add v0 mtu 1400 address 02:00:00:00:00:09 type veth peer name v1
ip link set v1 master br0
ip link add link v0 name upper type macvlan
ip tuntap add mode tap tap0
for name in v0 v1 br0 upper; do ip link set $name up; done
ip address add 10.9.0.1/24 dev v0
ip address add 10.9.0.5/24 dev v0
ip address add 192.0.2.1 peer 192.0.2.2 dev br0
ip -6 address add fd00:9::1/64 dev v0
ip route add default via 10.9.0.254
ip route add 10.20.0.0/16 metric 5 nexthop via 10.9.0.2 nexthop via 10.9.0.3 weight 2
ip route add blackhole 10.30.0.0/16
ip route add 10.40.0.0/16 via inet6 fe80::1 dev v0
ip route add 10.50.0.0/16 via 10.9.0.2 table 100 src 10.9.0.5
ip -6 route add default via fd00:9::fe
ip -6 route add unreachable 2001:db8::/32
`

  /** An answer during which what others say has not changed: interfaces come up in their own time. */
  async function steady<T>(within: Within, ask: () => Promise<T>): Promise<T> {
    for (let round = 0; round < 20; round++) {
      const look = () => JSON.stringify([ipInterfaces(within), ipRoutes(within)])
      const before = look()
      const answer = await ask()
      if (look() === before) return answer
    }
    throw new Error('the interfaces never come to rest')
  }

  test('has the interfaces, addresses and routes that ip(8) has', async () => {
    const target = await foreign('-n')
    const within = inside(target, '-n')
    prepare(within)
    const net = await steady(within, () => contentsOf(target, 'net'))
    const told = net.interfaces.map(({ peer: _, lower: __, flags, ...rest }) => ({
      ...{ ...rest, flags: [...flags].sort() },
    }))
    expect(sorted(told.map(withSortedAddresses))).toEqual(
      sorted(ipInterfaces(within).map(withSortedAddresses)),
    )
    expect(told.map(({ kind }) => kind).sort()).toEqual(
      ['bridge', 'loopback', 'macvlan', 'tun', 'veth', 'veth'].sort(),
    )
    const ends = net.interfaces.flatMap(({ name, peer, lower }) => {
      const end = peer ?? lower
      return end ? [[name, end.name]] : []
    })
    expect(Object.fromEntries(ends)).toEqual(ipEnds(within))
    expect(ends).toHaveLength(3)
    expect(sorted(net.routes)).toEqual(sorted(ipRoutes(within)))
    expect(net.routes.length).toBeGreaterThan(10)
  })

  test('names the other end of a veth, and where it is', async () => {
    const [a, b] = [await foreign('-n'), await foreign('-n')]
    const within = inside(a, '-n')
    within('ip', 'link', 'add', 'left', 'type', 'veth', 'peer', 'right', 'netns', String(b.pid))
    for (const [side, other, own, far] of [
      [a, b, 'left', 'right'],
      [b, a, 'right', 'left'],
    ] as const) {
      const index = ipInterfaces(inside(other, '-n')).find(({ name }) => name === far)?.index
      const net = await contentsOf(side, 'net')
      const link = net.interfaces.find(({ name }) => name === own)
      expect(link?.peer).toMatchObject({
        ...{ name: far, index, namespace: { inum: inumOf(other.pid, 'net') } },
      })
      expect(ipEnds(inside(side, '-n'))[own]).toBe(`${index} in nsid ${link?.peer?.nsid}`)
    }
  })

  test('has the listening sockets that ss(8) has, with their processes', async () => {
    const target = await foreign('-n')
    const within = inside(target, '-n')
    within('ip', 'link', 'set', 'lo', 'up')
    await startPython(LISTENER, `/proc/${target.pid}/ns/net`)
    const { listening } = await contentsOf(target, 'net')
    const told = listening.map((socket) => ({
      ...{ ...socket, processes: socket.processes?.map(({ pid, fd }) => ({ pid, fd })) },
    }))
    expect(sorted(told)).toEqual(sorted(ssListening(within)))
    expect(listening.map(({ protocol, port, uid }) => `${protocol} ${port} ${uid}`).sort()).toEqual(
      ['tcp 8080 12345', 'tcp6 8081 12345', 'udp 5300 12345', 'udp6 5353 12345'],
    )
  })

  const LISTENER = `
import socket
enter(sys.argv[1])
os.setgroups([]); os.setgid(12345); os.setuid(12345)
def bound(family, kind, address, *options):
    s = socket.socket(family, kind)
    for option in options: s.setsockopt(*option)
    s.bind(address)
    if kind == socket.SOCK_STREAM: s.listen()
    return s
v4, v6, tcp, udp = socket.AF_INET, socket.AF_INET6, socket.SOCK_STREAM, socket.SOCK_DGRAM
only = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
device = (socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'lo')
all = [bound(v4, tcp, ('0.0.0.0', 8080)), bound(v6, tcp, ('::', 8081)),
       bound(v6, udp, ('::1', 5353), only), bound(v4, udp, ('127.0.0.1', 5300), device)]
`

  test('is told of one without processes too', async () => {
    const held = await hold('descriptor', 'net')
    const path = `/proc/${held.pid}/fd/${held.fd}`
    const within: Within = (...command) => enter([`--net=${path}`], command)
    prepare(within)
    const { namespace } = await steady(within, () => showNamespace(held.inum))
    expect(namespace.members).toEqual([])
    const net = insideOf(namespace, 'net')
    expect(net.interfaces.map(({ name, mac, state, mtu }) => ({ name, mac, state, mtu }))).toEqual(
      ipInterfaces(within).map(({ name, mac, state, mtu }) => ({ name, mac, state, mtu })),
    )
    expect(sorted(net.routes)).toEqual(sorted(ipRoutes(within)))
    expect(net.dns).toBe(null)
  })
})

function withSortedAddresses<T extends { readonly addresses: readonly object[] }>(row: T): T {
  return { ...row, addresses: sorted(row.addresses) }
}
