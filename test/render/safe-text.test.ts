import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asciiText, rawText, safeText } from '../../src/render/safe-text.ts'
import { anyText, wellFormedText } from '../support/any-text.ts'

/** Controls, bidi marks, separators, surrogates without a partner: nothing of it may come out. */
const STEERING = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u

describe('safeText', () => {
  it.each([
    ['\u001b[31mred', '\\x1b[31mred'],
    ['two\nlines', 'two\\nlines'],
    ['a\tb\rc', 'a\\tb\\rc'],
    ['\u0000\u0007\u007f', '\\x00\\x07\\x7f'],
    ['\u009b31m', '\\x9b31m'],
    ['a\u202etxt', 'a\\u{202e}txt'],
    ['\u2066\u2069\u200e\u200f\u061c', '\\u{2066}\\u{2069}\\u{200e}\\u{200f}\\u{61c}'],
    ['\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['soft\u00adhyphen', 'soft\\xadhyphen'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['\ud800x', '\\u{d800}x'],
    ['x\udfff', 'x\\u{dfff}'],
    ['\udc00\ud800', '\\u{dc00}\\u{d800}'],
  ])('makes %j visible', (text, shown) => {
    expect(safeText(text)).toBe(shown)
  })

  it.each(['plain text', 'café', '日本語', '👩', 'e\u0301', 'a\\n', '\ufffd'])(
    'leaves %j as it is',
    (text) => {
      expect(safeText(text)).toBe(text)
    },
  )

  it('lets nothing through that acts on a terminal', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(safeText(text)).not.toMatch(STEERING)
      }),
    )
  })

  it('changes nothing that it has written', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(safeText(safeText(text))).toBe(safeText(text))
      }),
    )
  })
})

describe('rawText', () => {
  it.each([
    ['a b', 'a\\x20b'],
    ['a\\b', 'a\\x5cb'],
    ['é', '\\xc3\\xa9'],
    ['', ''],
    ['~!"', '~!"'],
  ])('writes %j as %j', (text, raw) => {
    expect(rawText(text)).toBe(raw)
  })

  it('is one word of plain ASCII', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(rawText(text)).toMatch(/^[!-~]*$/)
      }),
    )
  })

  it('can be read back', () => {
    fc.assert(
      fc.property(wellFormedText, (text) => {
        const bytes = rawText(text).replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        )
        expect(Buffer.from(bytes, 'latin1').toString('utf8')).toBe(text)
      }),
    )
  })
})

describe('asciiText', () => {
  it('escapes all that is not ASCII, whole characters at a time', () => {
    expect(asciiText('café 日 👩')).toBe('caf\\xe9 \\u{65e5} \\u{1f469}')
    expect(asciiText('uid 0→0 …')).toBe('uid 0->0 ...')
  })

  it('leaves ASCII only, after safeText', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(asciiText(safeText(text))).toMatch(/^[ -~]*$/)
      }),
    )
  })
})
