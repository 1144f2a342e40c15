import { describe, expect, it } from 'vitest'
import { isWholeDump, parseNetlink } from '../../src/kernel/netlink.ts'
import {
  addressesRequest,
  linksRequest,
  parseAddresses,
  parseLinks,
} from '../../src/kernel/rtnetlink.ts'
import { parseRoutes, routesRequest } from '../../src/kernel/rtnetlink-routes.ts'
import { listeningRequest, parseListening } from '../../src/kernel/sock-diag.ts'
import { CAPTURED_DUMPS, capturedDump } from '../support/captured-net.ts'

/** A message of this machine's byte order. */
function message(type: number, ...words: readonly number[]): Uint8Array {
  const header = Uint32Array.of(16 + 4 * words.length, type, 1, 0)
  return new Uint8Array(Uint32Array.of(...header, ...words).buffer)
}

const ACCESS = -13

describe('parseNetlink', () => {
  it.each([
    ['nothing', new Uint8Array(0), 0, 0],
    ['a message and the end of the dump', Buffer.concat([message(16, 7), message(3, 0)]), 1, 0],
    ['a refusal', message(2, ACCESS), 0, 13],
    ['a dump that ends with an error', Buffer.concat([message(16), message(3, ACCESS)]), 1, 13],
    ['an acknowledgement', message(2, 0), 0, 0],
    ['a message that says nothing', message(1), 0, 0],
  ])('reads %s', (_, bytes, count, errno) => {
    const answer = parseNetlink(bytes)
    expect(answer?.messages).toHaveLength(count)
    expect(answer?.errno).toBe(errno)
    expect(isWholeDump(bytes)).toBe(errno === 0)
  })

  it.each([
    ['a header cut short', message(16).subarray(0, 15)],
    ['a message longer than the answer', message(16, 1).subarray(0, 17)],
    ['a message shorter than its header', message(16).fill(3, 0, 1)],
    ['a length of 0', message(16).fill(0, 0, 4)],
  ])('refuses %s', (_, bytes) => {
    expect(parseNetlink(bytes)).toBeNull()
    expect(isWholeDump(bytes)).toBe(false)
  })
})

describe('requests', () => {
  it.each([
    ['links', linksRequest(), 18, 40],
    ['addresses', addressesRequest(), 22, 24],
    ['routes', routesRequest('inet6'), 26, 28],
    ['sockets', listeningRequest('udp'), 20, 72],
  ])('for %s are dumps of the right size', (_, request, type, size) => {
    const view = new DataView(request.buffer)
    expect([view.getUint32(0, true), view.getUint16(4, true), view.getUint16(6, true)]).toEqual([
      size,
      type,
      0x301,
    ])
    expect(request).toHaveLength(size)
  })
})

describe('a captured namespace', () => {
  it('has its interfaces', () => {
    const links = parseLinks(capturedDump('links'))
    expect(links?.map(({ name, kind, master, link }) => ({ name, kind, master, link }))).toEqual([
      { name: 'lo', kind: null, master: null, link: null },
      { name: 'veth0', kind: 'veth', master: null, link: { index: 2, nsid: 0 } },
      { name: 'br0', kind: 'bridge', master: null, link: null },
      { name: 'v2', kind: 'veth', master: 3, link: { index: 5, nsid: null } },
      { name: 'v1', kind: 'veth', master: null, link: { index: 4, nsid: null } },
    ])
    expect(links?.[0]).toMatchObject({
      ...{ index: 1, mac: null, state: 'unknown', mtu: 65536, loopback: true },
      flags: ['up', 'loopback', 'running', 'lowerup'],
    })
    expect(links?.[1]).toMatchObject({
      ...{ index: 2, mac: '02:00:00:00:00:01', state: 'up', mtu: 1500, loopback: false },
      flags: ['up', 'broadcast', 'running', 'multicast', 'lowerup'],
    })
  })

  it('has its addresses, of a point-to-point interface its own', () => {
    const rows = parseAddresses(capturedDump('addresses'))
    expect(rows?.map(({ index, address, scope }) => `${index} ${address} ${scope}`)).toEqual([
      '1 127.0.0.1/8 host',
      '2 10.9.0.1/24 global',
      '5 192.0.2.1/32 global',
      '1 ::1/128 host',
      '2 2001:db8::1/64 global',
      '2 fe80::ff:fe00:1/64 link',
    ])
  })

  it('has its routes of all tables', () => {
    const rows = parseRoutes(capturedDump('routes4'))
    const own = rows?.filter(({ protocol }) => protocol !== 'kernel')
    const gatewayless = { gateway: null, metric: null, source: null }
    const boot = { family: 'inet', protocol: 'boot', type: 'unicast', table: 254 }
    expect(own).toHaveLength(7)
    for (const route of [
      {
        ...boot,
        destination: 'default',
        gateway: '10.9.0.254',
        index: 2,
        metric: null,
        source: null,
      },
      {
        ...boot,
        destination: '10.50.0.0/16',
        gateway: '10.9.0.9',
        index: 2,
        table: 100,
        metric: 50,
        source: null,
      },
      {
        ...boot,
        destination: '100.64.0.0/10',
        gateway: 'fe80::77',
        index: 2,
        metric: null,
        source: null,
      },
      {
        ...boot,
        destination: '198.51.100.0/24',
        gateway: '10.9.0.2',
        index: 2,
        metric: null,
        source: null,
      },
      {
        ...boot,
        destination: '198.51.100.0/24',
        gateway: '10.9.0.3',
        index: 2,
        metric: null,
        source: null,
      },
      { ...boot, ...gatewayless, destination: '203.0.113.0/24', type: 'blackhole', index: null },
      { ...boot, ...gatewayless, destination: '10.77.0.0/16', type: 'local', table: 255, index: 1 },
    ]) {
      expect(own).toContainEqual(route)
    }
    expect(parseRoutes(capturedDump('routes6'))).toContainEqual({
      ...{ family: 'inet6', destination: 'default', gateway: 'fe80::9', index: 2, table: 254 },
      ...{ protocol: 'boot', type: 'unicast', metric: 1024, source: null },
    })
  })

  it.each([
    ['tcp', '0.0.0.0', 8080],
    ['tcp6', '::', 80],
    ['udp', '10.9.0.1', 53],
    ['udp6', '::1', 5353],
  ] as const)('listens on %s', (protocol, address, port) => {
    const rows = parseListening(capturedDump(protocol), protocol)
    expect(rows).toEqual([
      { protocol, address, port, index: null, uid: 0, inode: expect.any(Number) },
    ])
    expect(rows?.[0]?.inode).toBeGreaterThan(1)
  })
})

describe('a dump that is cut anywhere', () => {
  it.each(CAPTURED_DUMPS)('of %s is refused or ends earlier', (name) => {
    const bytes = capturedDump(name)
    const parsers = [parseLinks, parseAddresses, parseRoutes]
    const parse = (cut: Uint8Array) => [
      ...parsers.map((parser) => parser(cut)?.length),
      parseListening(cut, 'tcp')?.length,
    ]
    const whole = parse(bytes)
    for (let size = 0; size < bytes.length; size++) {
      for (const [i, count] of parse(bytes.subarray(0, size)).entries()) {
        expect(count ?? 0).toBeLessThanOrEqual(whole[i] ?? 0)
      }
    }
  })

  it('and one whose bytes were turned into others never throws', () => {
    const bytes = capturedDump('links')
    for (let i = 0; i < bytes.length; i++) {
      const broken = bytes.slice()
      broken[i] = 0xff
      expect(() => parseLinks(broken)).not.toThrow()
      expect(() => parseRoutes(broken)).not.toThrow()
    }
  })
})
