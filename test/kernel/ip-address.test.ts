import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIp, networkOf, parseIp } from '../../src/kernel/ip-address.ts'

describe('formatIp', () => {
  it.each([
    ['0a000002', '10.0.0.2'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000000000000000000000', '2001:db8::'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010000000000010000000000000001', '2001:0:0:1::1'],
    ['fe800000000000000000abcd00000001', 'fe80::abcd:0:1'],
    ['00000000000000000000ffff0a000002', '::ffff:10.0.0.2'],
    ['00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
  ])('writes %s as %s', (hex, text) => {
    expect(formatIp(Buffer.from(hex, 'hex'))).toBe(text)
    expect(Buffer.from(parseIp(text) as Uint8Array).toString('hex')).toBe(hex)
  })

  it('writes nothing else', () => {
    expect(formatIp(new Uint8Array(6))).toBeNull()
  })

  it('is undone by parseIp', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.array(fc.constantFrom(0, 0, 1, 255), { minLength: 16, maxLength: 16 }),
    )
    fc.assert(
      fc.property(bytes, (ip) => {
        const parsed = parseIp(formatIp(Uint8Array.from(ip)) as string)
        expect([...(parsed as Uint8Array)]).toEqual([...ip])
      }),
    )
  })
})

describe('parseIp', () => {
  it.each(['', '1.2.3', '1.2.3.256', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', 'g::', 'x'])(
    'refuses %j',
    (text) => {
      expect(parseIp(text)).toBeNull()
    },
  )
})

describe('networkOf', () => {
  it.each([
    ['10.9.200.1', 24, '10.9.200.0'],
    ['10.9.200.1', 20, '10.9.192.0'],
    ['10.9.200.1', 32, '10.9.200.1'],
    ['10.9.200.1', 0, '0.0.0.0'],
    ['2001:db8:1:2:3::', 47, '2001:db8::'],
  ])('of %s/%i is %s', (address, prefix, network) => {
    expect(formatIp(networkOf(parseIp(address) as Uint8Array, prefix))).toBe(network)
  })
})
