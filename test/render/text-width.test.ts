import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeText } from '../../src/render/safe-text.ts'
import { measureOf, shorten } from '../../src/render/text-width.ts'
import { anyText, wellFormedText } from '../support/any-text.ts'

const measure = await measureOf(['é'])

describe('a measure', () => {
  it.each([
    ['abc', 3],
    ['日本語', 6],
    ['👩', 2],
    ['e\u0301', 1],
    ['é', 1],
    ['', 0],
  ])('of %j is %i', (text, width) => {
    expect(measure(text)).toBe(width)
  })

  it('of ASCII needs no tables', async () => {
    const plain = await measureOf(['abc', ''])
    expect(plain('abc')).toBe(3)
  })
})

describe('shorten', () => {
  const to = (text: string, width: number, unicode = true) =>
    shorten(text, { width, measure, unicode })

  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['a👩b', 3, 'a…'],
    ['e\u0301e\u0301', 2, 'e\u0301e\u0301'],
    ['abc', 1, '…'],
  ])('cuts %j to %i columns: %j', (text, width, shown) => {
    expect(to(text, width)).toBe(shown)
  })

  it('marks the cut in ASCII where nothing else can be shown', () => {
    expect(to('abcdefgh', 6, false)).toBe('abc...')
  })

  it('does not measure 80 kB to know that it is too long', () => {
    expect(to('x'.repeat(80_000), 10)).toBe(`${'x'.repeat(9)}…`)
  })

  it('does not look at half a character', () => {
    const shown = to(`x${'\u0301'.repeat(8 * 4 + 6)}👩👩`, 8)
    expect(shown).toBe(`x${'\u0301'.repeat(8 * 4 + 6)}…`)
  })

  it('never exceeds the width, and cuts no character in half', () => {
    const text = fc.oneof(
      anyText,
      // Any number of units without a width before a character of two.
      fc
        .tuple(fc.nat(200), wellFormedText)
        .map(([marks, rest]) => `x${'\u0301'.repeat(marks)}👩${rest}`),
    )
    fc.assert(
      fc.property(text, fc.integer({ min: 8, max: 40 }), (any, width) => {
        const shown = to(safeText(any), width)
        expect(measure(shown)).toBeLessThanOrEqual(width)
        expect(shown).not.toMatch(/\p{Cs}/u)
      }),
    )
  })
})
