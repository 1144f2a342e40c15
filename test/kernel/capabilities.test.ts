import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CAPABILITIES,
  capabilityNames,
  describeCapabilities,
  hasCapability,
} from '../../src/kernel/capabilities.ts'

const HEADER = '/usr/include/linux/capability.h'
const set = (bits: bigint) => bits.toString(16).padStart(16, '0')

describe('CAPABILITIES', () => {
  it.runIf(existsSync(HEADER))('are those of the kernel header, by their numbers', () => {
    const defined = [...readFileSync(HEADER, 'utf8').matchAll(/^#define (CAP_[A-Z_]+)\s+(\d+)$/gm)]
    expect(defined.length).toBeGreaterThan(37)
    for (const [, name, bit] of defined) expect(CAPABILITIES[Number(bit)]).toBe(name)
  })
})

describe('capabilityNames', () => {
  it.each([
    ['0000000000000000', []],
    ['0000000000000001', ['CAP_CHOWN']],
    ['0000000000200020', ['CAP_KILL', 'CAP_SYS_ADMIN']],
    ['0000010000000000', ['CAP_CHECKPOINT_RESTORE']],
    ['8000020000000000', ['CAP_41', 'CAP_63']],
  ])('of %s are %j', (hex, names) => {
    expect(capabilityNames(hex)).toEqual(names)
  })

  it('are those that the set has', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 41n) - 1n }), (bits) => {
        const names = CAPABILITIES.filter((name) => hasCapability(set(bits), name))
        expect(capabilityNames(set(bits))).toEqual(names)
      }),
    )
  })
})

describe('describeCapabilities', () => {
  it.each([
    ['0000000000000000', 'none'],
    ['000001ffffffffff', 'all'],
    ['ffffffffffffffff', 'all'],
    ['000001ffffdfffff', 'all but CAP_SYS_ADMIN'],
    ['000001ffffdfffdf', 'all but CAP_KILL, CAP_SYS_ADMIN'],
    ['0000000000003000', 'CAP_NET_ADMIN, CAP_NET_RAW'],
  ])('says of %s: %s', (hex, text) => {
    expect(describeCapabilities(hex)).toBe(text)
  })

  it('takes for all what the kernel has', () => {
    expect(describeCapabilities('0000003fffffffff', 37)).toBe('all')
    expect(describeCapabilities('0000003fffffffff')).toMatch(/^all but CAP_PERFMON, CAP_BPF, /)
  })

  it('lists the ones that docker gives', () => {
    expect(describeCapabilities('00000000a80425fb').split(', ')).toHaveLength(14)
  })
})
