import { describe, expect, it } from 'vitest'
import {
  parseIfInet6,
  parseIpv6Route,
  parseLocalIpv4,
  parseNetDev,
  parseNetRoute,
  parseNetSockets,
} from '../../src/kernel/proc-net.ts'
import { capturedTable } from '../support/captured-net.ts'

describe('tables of a captured namespace', () => {
  it('have its interfaces', () => {
    expect(parseNetDev(capturedTable('dev'))).toEqual(['lo', 'veth0', 'br0', 'v2', 'v1'])
  })

  it('have its IPv6 addresses', () => {
    expect(parseIfInet6(capturedTable('if_inet6'))).toEqual([
      { name: 'veth0', index: 2, address: 'fe80::ff:fe00:1/64', scope: 'link' },
      { name: 'veth0', index: 2, address: '2001:db8::1/64', scope: 'global' },
      { name: 'lo', index: 1, address: '::1/128', scope: 'host' },
    ])
  })

  it('have its IPv4 addresses, without ranges that were made local', () => {
    expect(parseLocalIpv4(capturedTable('fib_trie'))).toEqual([
      '10.9.0.1',
      '127.0.0.1',
      '192.0.2.1',
    ])
  })

  it('have its IPv4 routes', () => {
    const rows = parseNetRoute(capturedTable('route'))
    expect(rows).toContainEqual({
      ...{ family: 'inet', destination: 'default', gateway: '10.9.0.254' },
      ...{ interface: 'veth0', metric: null },
    })
    expect(rows).toContainEqual({
      ...{ family: 'inet', destination: '10.9.0.0/24', gateway: null },
      ...{ interface: 'veth0', metric: null },
    })
    expect(rows).toContainEqual({
      ...{ family: 'inet', destination: '203.0.113.0/24', gateway: null },
      ...{ interface: null, metric: null },
    })
  })

  it('have its IPv6 routes, without those that follow from addresses', () => {
    const v6 = { family: 'inet6', interface: 'veth0' }
    expect(parseIpv6Route(capturedTable('ipv6_route'))).toEqual([
      { ...v6, destination: '2001:db8::/64', gateway: null, metric: 256 },
      { ...v6, destination: 'fe80::/64', gateway: null, metric: 256 },
      { ...v6, destination: 'default', gateway: 'fe80::9', metric: 1024 },
    ])
  })

  it.each([
    ['tcp', '0.0.0.0', 8080],
    ['tcp6', '::', 80],
    ['udp', '10.9.0.1', 53],
    ['udp6', '::1', 5353],
  ] as const)('listen on %s', (protocol, address, port) => {
    expect(parseNetSockets(capturedTable(protocol), protocol)).toEqual([
      { protocol, address, port, index: null, uid: 0, inode: expect.any(Number) },
    ])
  })
})

describe('tables that are no such tables', () => {
  it.each([
    ['dev', () => parseNetDev('a\nb\nno colon\n')],
    ['if_inet6', () => parseIfInet6('0001 01 80 10 80 lo\n')],
    ['if_inet6 cut short', () => parseIfInet6(capturedTable('if_inet6').slice(0, 44))],
    ['route', () => parseNetRoute('heading\nveth0\t0000\n')],
    ['ipv6_route', () => parseIpv6Route('zz 00\n')],
    ['tcp', () => parseNetSockets('heading\n0: zz:1\n', 'tcp')],
    ['tcp cut short', () => parseNetSockets(capturedTable('tcp').slice(0, -120), 'tcp')],
  ])('are refused: %s', (_, parse) => {
    expect(parse()).toBeNull()
  })

  it('do not list what does not listen', () => {
    const table = capturedTable('tcp').replace(' 0A ', ' 01 ')
    expect(parseNetSockets(table, 'tcp')).toEqual([])
  })

  it('have no rows where they are empty', () => {
    expect([parseIfInet6(''), parseIpv6Route(''), parseLocalIpv4('')]).toEqual([[], [], []])
  })
})
