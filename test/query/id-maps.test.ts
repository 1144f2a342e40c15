import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { IdMapLine } from '../../src/kernel/id-map.ts'
import { insideOf, outsideOf } from '../../src/query/id-maps.ts'

const map = (...lines: [inside: number, outside: number | null, count: number][]): IdMapLine[] =>
  lines.map(([inside, outside, count]) => ({ inside, outside, count }))

const ROOTLESS = map([0, 1000, 1], [1, 100_000, 65_536])

describe('outsideOf', () => {
  it.each([
    [0, 1000],
    [1, 100_000],
    [65_536, 165_535],
    [65_537, null],
  ])('of %s is %s', (inside, outside) => {
    expect(outsideOf(inside, ROOTLESS)).toBe(outside)
    if (outside !== null) expect(insideOf(outside, ROOTLESS)).toBe(inside)
  })

  it('is nothing in an empty map, or where the reader has no number', () => {
    expect(outsideOf(0, [])).toBeNull()
    expect(outsideOf(5, map([0, null, 10]))).toBeNull()
  })
})

describe('insideOf', () => {
  it.each([0, 999, 1001, 99_999, 165_536])('of %s, which is not mapped, is nothing', (outside) => {
    expect(insideOf(outside, ROOTLESS)).toBeNull()
  })

  it('keeps the last id of all', () => {
    const all = map([0, 0, 0xffff_ffff])
    expect(insideOf(0xffff_fffe, all)).toBe(0xffff_fffe)
    expect(insideOf(0xffff_ffff, all)).toBeNull()
  })

  it('goes back where outsideOf came from', () => {
    const id = fc.integer({ min: 0, max: 100_000 })
    fc.assert(
      fc.property(id, id, id, id, (inside, outside, count, asked) => {
        const lines = map([inside, outside, count])
        const there = outsideOf(asked, lines)
        if (there !== null) expect(insideOf(there, lines)).toBe(asked)
      }),
    )
  })
})
