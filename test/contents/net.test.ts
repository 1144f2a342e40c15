import { describe, expect, it } from 'vitest'
import type { Answers } from '../../src/contents/contents.ts'
import { netContents } from '../../src/contents/net/net.ts'
import type { NetContents, NetInterface } from '../../src/contents/net/net-contents.ts'
import { CAPTURED_DUMPS, capturedDump, capturedTable } from '../support/captured-net.ts'

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))

const RESOLV = { resolvConf: bytes('nameserver 10.9.0.53\nsearch corp\n') }

const BY_NETLINK: Answers = {
  ...Object.fromEntries(CAPTURED_DUMPS.map((name) => [name, capturedDump(name)])),
  ...RESOLV,
}

const TABLES = {
  procDev: 'dev',
  procIfInet6: 'if_inet6',
  procFibTrie: 'fib_trie',
  procRoute: 'route',
  procIpv6Route: 'ipv6_route',
  procTcp: 'tcp',
  procTcp6: 'tcp6',
  procUdp: 'udp',
  procUdp6: 'udp6',
}

const BY_TABLES: Answers = {
  ...Object.fromEntries(CAPTURED_DUMPS.map((name) => [name, 'EPERM'])),
  ...Object.fromEntries(
    Object.entries(TABLES).map(([name, file]) => [name, bytes(capturedTable(file))]),
  ),
  ...RESOLV,
}

const named = ({ interfaces }: NetContents, name: string): NetInterface =>
  interfaces.find((device) => device.name === name) as NetInterface

describe('parse', () => {
  const contents = netContents.parse(BY_NETLINK)

  it('tells the ends of links by name, or by the number of the other namespace', () => {
    const end = { namespace: null }
    expect(named(contents, 'veth0').peer).toEqual({ ...end, index: 2, nsid: 0, name: null })
    expect(named(contents, 'v1').peer).toEqual({ ...end, index: 4, nsid: null, name: 'v2' })
    expect(named(contents, 'v2')).toMatchObject({ master: 'br0', kind: 'veth', lower: null })
    expect(named(contents, 'lo')).toMatchObject({ kind: 'loopback', peer: null })
  })

  it('gives each interface its addresses', () => {
    expect(named(contents, 'veth0').addresses).toEqual([
      { address: '10.9.0.1/24', scope: 'global', family: 'inet' },
      { address: '2001:db8::1/64', scope: 'global', family: 'inet6' },
      { address: 'fe80::ff:fe00:1/64', scope: 'link', family: 'inet6' },
    ])
  })

  it('leaves out what the kernel keeps in the table local, and keeps what others put there', () => {
    const local = contents.routes.filter(({ table }) => table === 255)
    expect(local.map(({ destination }) => destination)).toEqual(['10.77.0.0/16'])
  })

  it('knows all, and that nobody looked for the processes of sockets', () => {
    expect(contents.unknown).toEqual([])
    expect(contents.listening).toHaveLength(4)
    expect(contents.listening.every(({ processes }) => processes === null)).toBe(true)
    expect(contents.dns).toEqual({ nameservers: ['10.9.0.53'], search: ['corp'], options: [] })
  })

  it('sums it up', () => {
    expect(netContents.summarise(contents)).toBe(
      'veth0 10.9.0.1/24 2001:db8::1/64 (veth, up), v1 192.0.2.1/32 (veth, down), ' +
        'br0 (bridge, down), v2 (veth, down), lo; default via 10.9.0.254, via fe80::9; ' +
        'listens tcp 80,8080, udp 53,5353',
    )
  })
})

describe('parse by the tables of /proc', () => {
  const contents = netContents.parse(BY_TABLES)

  it('finds the same addresses, but for that of an interface that is down', () => {
    const whole = netContents.parse(BY_NETLINK)
    for (const name of ['lo', 'veth0']) {
      expect(named(contents, name).addresses).toEqual(named(whole, name).addresses)
    }
    expect(contents.unknown).toContain('interfaces.addresses')
  })

  it('names what these do not tell', () => {
    for (const field of ['interfaces.mac', 'interfaces.kind', 'interfaces.peer', 'routes.table']) {
      expect(contents.unknown).toContain(field)
    }
    expect(contents.unknown).not.toContain('listening')
    expect(named(contents, 'veth0')).toMatchObject({ mac: null, kind: null, index: 2 })
  })

  it('sums up what it knows', () => {
    expect(netContents.summarise(contents)).toBe(
      'veth0 10.9.0.1/24 2001:db8::1/64, br0, v2, v1, lo; default via 10.9.0.254, via fe80::9; ' +
        'listens tcp 80,8080, udp 53,5353',
    )
  })

  it('is no difference from what netlink tells', () => {
    expect(netContents.compare(netContents.parse(BY_NETLINK), contents)).toEqual([])
    expect(netContents.compare(contents, netContents.parse(BY_NETLINK))).toEqual([])
  })

  it('takes an IPv6 table that is missing for a kernel without IPv6', () => {
    const { procIfInet6, procIpv6Route, procTcp6, procUdp6, ...v4 } = BY_TABLES
    const missing = { procIfInet6: 'ENOENT', procIpv6Route: 'ENOENT', procTcp6: 'ENOENT' }
    const { unknown, listening } = netContents.parse({ ...v4, ...missing, procUdp6: 'ENOENT' })
    expect(unknown).not.toContain('listening')
    expect(unknown).not.toContain('routes')
    expect(listening).toHaveLength(2)
  })

  it('takes a dump and a table of IPv6 that are missing for a kernel without IPv6', () => {
    const missing = { tcp6: 'ENOENT', procTcp6: 'ENOENT', udp6: 'ENOENT', procUdp6: 'ENOENT' }
    const { unknown, listening } = netContents.parse({ ...BY_NETLINK, ...missing })
    expect(unknown).toEqual([])
    expect(listening).toHaveLength(2)
  })

  it('knows nothing of a zombie, all of whose tables are missing', () => {
    const { unknown } = netContents.parse(
      Object.fromEntries(Object.keys(BY_TABLES).map((name) => [name, 'ENOENT'])),
    )
    expect(unknown).toEqual(['interfaces', 'routes', 'listening'])
  })
})

describe('dns', () => {
  it.each<[string, Answers, NetContents['dns'], readonly string[]]>([
    ['no process', { resolvConf: null }, null, []],
    ['no file', { resolvConf: 'ENOENT' }, { nameservers: [], search: [], options: [] }, []],
    ['a file that nobody may read', { resolvConf: 'EACCES' }, null, ['dns']],
  ])('with %s', (_, answer, dns, unknown) => {
    const contents = netContents.parse({ ...BY_NETLINK, ...answer })
    expect(contents).toMatchObject({ dns, unknown })
  })

  it('is not compared where there is no process to have one', () => {
    const without = netContents.parse({ ...BY_NETLINK, resolvConf: null })
    expect(netContents.compare(netContents.parse(BY_NETLINK), without)).toEqual([])
  })
})

describe('compare', () => {
  const contents = netContents.parse(BY_NETLINK)
  const withVeth = (change: Partial<NetInterface>): NetContents => ({
    ...contents,
    interfaces: contents.interfaces.map((device) =>
      device.name === 'veth0' ? { ...device, ...change } : device,
    ),
  })
  const paths = (other: NetContents) =>
    netContents.compare(contents, other).map(({ path }) => path.join(' '))

  it('takes an address that its MAC makes as one with it', () => {
    const mac = '02:00:00:00:00:02'
    const addresses = named(contents, 'veth0').addresses.map((row) =>
      row.scope === 'link' ? { ...row, address: 'fe80::ff:fe00:2/64' } : row,
    )
    expect(paths(withVeth({ mac, addresses }))).toEqual(['interfaces veth0 mac'])
  })

  it('takes the route to the network of an address as one with it', () => {
    const [first, ...rest] = named(contents, 'veth0').addresses
    const moved = withVeth({ addresses: [{ ...first, address: '10.9.1.1/24' } as never, ...rest] })
    const routes = moved.routes.map((route) =>
      route.destination === '10.9.0.0/24'
        ? { ...route, destination: '10.9.1.0/24', source: '10.9.1.1' }
        : route,
    )
    expect(paths({ ...moved, routes })).toEqual([
      'interfaces veth0 addresses 10.9.0.1/24',
      'interfaces veth0 addresses 10.9.1.1/24',
    ])
  })

  it('takes the state of an interface that is set down as one with that', () => {
    const flags = ['broadcast', 'multicast']
    expect(paths(withVeth({ flags, state: 'down' }))).toEqual(['interfaces veth0 flags'])
    expect(paths(withVeth({ state: 'lowerlayerdown' }))).toEqual(['interfaces veth0 state'])
  })

  it('does not compare numbers that mean something on one side alone', () => {
    expect(
      paths(withVeth({ index: 99, peer: { index: 7, nsid: 3, namespace: null, name: null } })),
    ).toEqual([])
  })

  it('compares ends that are known', () => {
    const end = (inum: number) => ({
      ...{ index: 2, nsid: 0, name: 'eth0' },
      namespace: { type: 'net', inum, id: null } as const,
    })
    const [a, b] = [withVeth({ peer: end(1) }), withVeth({ peer: end(2) })]
    expect(netContents.compare(a, a)).toEqual([])
    expect(netContents.compare(a, b)).toEqual([
      { path: ['interfaces', 'veth0', 'peer'], a: end(1), b: end(2) },
    ])
    expect(paths(withVeth({ peer: null }))).toEqual(['interfaces veth0 peer'])
  })

  it('does not count how many sockets of a user share a port', () => {
    const listening = contents.listening.flatMap((row) => [row, { ...row, inode: row.inode + 1 }])
    expect(paths({ ...contents, listening })).toEqual([])
    const foreign = contents.listening.map((row) => ({ ...row, uid: 33 }))
    expect(paths({ ...contents, listening: foreign })).toEqual([
      'listening tcp 0.0.0.0:8080 uid',
      'listening tcp6 [::]:80 uid',
      'listening udp 10.9.0.1:53 uid',
      'listening udp6 [::1]:5353 uid',
    ])
  })
})

describe('a namespace that somebody has filled', () => {
  it('is read whole, however much there is', () => {
    const count = 20_000
    const dev = Array.from({ length: count }, (_, i) => `d${i}: 0`).join('\n')
    const ip = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
    const hex = (i: number) =>
      [i & 255, (i >> 8) & 255, i >> 16, 10].map((n) => n.toString(16).padStart(2, '0')).join('')
    const route = Array.from(
      { length: count },
      (_, i) => `d${i}\t${hex(i)}\t00000000\t0001\t0\t0\t0\tFFFFFFFF\t0\t0\t0`,
    )
    const trie = Array.from({ length: count }, (_, i) => `  |-- ${ip(i)}\n     /32 host LOCAL`)
    const contents = netContents.parse({
      ...BY_TABLES,
      procDev: bytes(`a\nb\n${dev}\n`),
      procRoute: bytes(`heading\n${route.join('\n')}\n`),
      procFibTrie: bytes(trie.join('\n')),
    })
    expect(contents.interfaces).toHaveLength(count)
    expect(contents.interfaces[777]?.addresses).toEqual([
      { address: `${ip(777)}/32`, scope: 'global', family: 'inet' },
    ])
    expect(netContents.compare(contents, contents)).toEqual([])
  })
})
