import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderSheet, type Sheet } from '../../src/render/sheet.ts'
import { themeOf } from '../../src/render/theme.ts'
import { wrapCell } from '../../src/render/wrap.ts'

const plain = await themeOf({ colorLevel: 0, unicode: true })
const length = (text: string): number => text.length

const SHEET: Sheet = {
  columns: [
    { name: 'TYPE', grow: 0 },
    { name: 'INSIDE', grow: 1 },
  ],
  rows: [
    { group: 'nsproxy' },
    [{ text: 'net' }, { text: 'eth0 10.88.0.5/16 (veth, up); default via 10.88.0.1' }],
  ],
}

describe('a sheet', () => {
  it('is as wide as its texts in a pipe', async () => {
    const drawn = await renderSheet(SHEET, { width: null, theme: plain })
    expect(drawn).toContain('│ net  │ eth0 10.88.0.5/16 (veth, up); default via 10.88.0.1 │')
    expect(drawn.endsWith('┘\n')).toBe(true)
  })

  it('wraps what does not fit at blanks, and loses nothing', async () => {
    const drawn = await renderSheet(SHEET, { width: 40, theme: plain })
    expect(drawn.trimEnd().split('\n')).toEqual([
      '┌──────┬───────────────────────────────┐',
      '│ TYPE │ INSIDE                        │',
      '├──────┴───────────────────────────────┤',
      '│ nsproxy                              │',
      '│ net  │ eth0 10.88.0.5/16 (veth, up); │',
      '│      │ default via 10.88.0.1         │',
      '└──────┴───────────────────────────────┘',
    ])
  })

  it('has a frame of ASCII where the locale has no more', async () => {
    const drawn = await renderSheet(SHEET, { width: 40, theme: { ...plain, unicode: false } })
    expect(drawn).toMatch(/^[\x20-\x7e\n]*$/)
  })

  it('gives a style to every line of a wrapped cell', async () => {
    const style = (text: string) => `\u001b[2m${text}\u001b[22m`
    const rows = [[{ text: 'net' }, { text: 'one and two and three', style }]]
    const drawn = await renderSheet({ ...SHEET, rows }, { width: 24, theme: plain })
    const styled = drawn.split('\n').filter((line) => line.includes('\u001b[2m'))
    expect(styled).toEqual([
      '│ net  │ \u001b[2mone and two\u001b[22m    │',
      '│      │ \u001b[2mand three\u001b[22m      │',
    ])
  })
})

describe('wrapCell', () => {
  it('never makes a line that is too long, and keeps every character but blanks', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.integer({ min: 1, max: 30 }), (text, width) => {
        const lines = wrapCell(text, width, length)
        expect(lines.every((line) => line.length <= width)).toBe(true)
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
      }),
    )
  })

  it('breaks a word that is longer than a line', () => {
    expect(wrapCell('a abcdefgh b', 4, length)).toEqual(['a', 'abcd', 'efgh', 'b'])
  })
})

describe('a sheet of very many rows', () => {
  const rows = (count: number) =>
    Array.from({ length: count }, (_, i) => [{ text: `row ${i}` }, { text: '日本' }, { text: 'x' }])
  const columns = ['A', 'LONGER', 'C'].map((name) => ({ name, grow: 1 }))

  it('has no frame, and its columns are aligned', async () => {
    const text = await renderSheet({ columns, rows: rows(501) }, { width: 20, theme: plain })
    const lines = text.split('\n')
    expect(lines.slice(0, 2)).toEqual(['A        LONGER  C', 'row 0    日本    x'])
    expect(lines).toHaveLength(503)
  })

  it('is framed as long as it is short', async () => {
    const text = await renderSheet({ columns, rows: rows(5) }, { width: 40, theme: plain })
    expect(text).toContain('│ row 0')
  })
})
