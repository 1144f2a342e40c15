import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cell, Table } from '../../src/query/table.ts'
import { renderBoxed } from '../../src/render/boxed.ts'
import { renderColumns, renderRaw } from '../../src/render/columns.ts'
import { measureOf } from '../../src/render/text-width.ts'
import { anyText, wellFormedText } from '../support/any-text.ts'

const plain = { heading: (text: string) => text, unicode: true }

function table(rows: readonly (readonly Cell[])[]): Table {
  return {
    columns: [
      { name: 'NS', align: 'right', shrink: 0 },
      { name: 'NAME', align: 'left', shrink: 1 },
      { name: 'COMMAND', align: 'left', shrink: 3 },
    ],
    rows,
  }
}

const draw = (rows: readonly (readonly Cell[])[], width: number | null = null, headings = true) =>
  renderColumns(table(rows), { width, headings, theme: plain })

describe('renderColumns', () => {
  it('aligns columns and leaves no blanks at the end of a line', async () => {
    expect(
      await draw([
        [1, 'a', 'init'],
        [4026531840, 'bcd', 'x'],
      ]),
    ).toBe('        NS NAME COMMAND\n         1 a    init\n4026531840 bcd  x\n')
  })

  it('shows an empty cell as -, so that every line has all its words', async () => {
    expect(await draw([[null, '', null]])).toBe('NS NAME COMMAND\n - -    -\n')
  })

  it('has a heading of an empty table, or nothing at all', async () => {
    expect(await draw([])).toBe('NS NAME COMMAND\n')
    expect(await draw([], null, false)).toBe('')
  })

  it('aligns wide and combining characters by what they take on a terminal', async () => {
    expect(
      await draw([
        [1, '日本', 'a'],
        [2, '👩', 'b'],
        [3, 'e\u0301', 'c'],
        [4, 'abcd', 'd'],
      ]),
    ).toBe('NS NAME COMMAND\n 1 日本 a\n 2 👩   b\n 3 e\u0301    c\n 4 abcd d\n')
  })

  it('shortens first what may be shortened most', async () => {
    const rows = [[1, 'a'.repeat(20), 'b'.repeat(50)]]
    expect(await draw(rows, 60)).toBe(
      `NS NAME                 COMMAND\n 1 ${'a'.repeat(20)} ${'b'.repeat(35)}…\n`,
    )
    expect(await draw(rows, 30)).toBe(
      `NS NAME               COMMAND\n 1 ${'a'.repeat(17)}… bbbbbbb…\n`,
    )
  })

  it('shortens nothing without a width', async () => {
    expect(await draw([[1, 'a', 'b'.repeat(500)]])).toContain('b'.repeat(500))
  })

  it('lets no text of a process act', async () => {
    expect(await draw([[1, '\u001b[2J', 'two\nlines']])).toBe(
      'NS NAME    COMMAND\n 1 \\x1b[2J two\\nlines\n',
    )
  })

  it('is ASCII where the locale is', async () => {
    const screen = await renderColumns(table([[1, 'é', `日${'x'.repeat(40)}`]]), {
      ...{ width: 40, headings: true, theme: { ...plain, unicode: false } },
    })
    expect(screen).toBe(`NS NAME COMMAND\n 1 \\xe9 \\u{65e5}${'x'.repeat(21)}...\n`)
  })

  it('gives the heading to the theme, and nothing else', async () => {
    const screen = await renderColumns(table([[1, 'a', 'b']]), {
      ...{ width: null, headings: true, theme: { heading: (t) => `<${t}>`, unicode: true } },
    })
    expect(screen).toBe('<NS NAME COMMAND>\n 1 a    b\n')
  })

  const cell = fc.oneof(fc.constant(null), fc.nat(), wellFormedText, hostile())
  const rows = fc.array(fc.tuple(fc.nat(), cell, cell), { maxLength: 8 })

  it('is never wider than a terminal that has room for the least of every column', async () => {
    const measure = await measureOf(['é'])
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.integer({ min: 30, max: 120 }),
        fc.boolean(),
        async (any, width, h) => {
          for (const line of (await draw(any, width, h)).split('\n')) {
            expect(measure(line)).toBeLessThanOrEqual(width)
          }
          const boxed = await renderBoxed(table(any), {
            headings: h,
            width: width + 10,
            theme: plain,
          })
          for (const line of boxed.split('\n'))
            expect(measure(line)).toBeLessThanOrEqual(width + 10)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is one line a row, of any text', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (any) => {
        expect((await draw(any, 80)).split('\n')).toHaveLength(any.length + 2)
      }),
    )
  })
})

describe('renderRaw', () => {
  it('separates by one blank, and escapes those inside', () => {
    expect(renderRaw(table([[1, 'a b', null]]), true)).toBe('NS NAME COMMAND\n1 a\\x20b -\n')
    expect(renderRaw(table([]), false)).toBe('')
  })

  it('has as many words as columns, of any text', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), anyText, hostile())), (rows) => {
        for (const line of renderRaw(table(rows), false).split('\n').slice(0, -1)) {
          expect(line.split(/\s/)).toHaveLength(3)
        }
      }),
    )
  })
})

describe('renderBoxed', () => {
  it('is one frame, however many rows there are', async () => {
    const rows = Array.from({ length: 250 }, (_, i): Cell[] => [i, `name${i}`, 'x'])
    const screen = await renderBoxed(table(rows), { headings: true, width: null, theme: plain })
    const lines = screen.trimEnd().split('\n')
    expect(lines).toHaveLength(250 + 4)
    expect(new Set(lines.map((line) => line.length))).toEqual(new Set([27]))
    expect(lines.filter((line) => /[┌├└]/.test(line))).toHaveLength(3)
    expect(lines.at(-1)).toMatch(/^└/)
    expect(lines[150]).toContain('name147')
  })

  it('draws a frame that fits', async () => {
    const rows = [[1, '日本', 'x'.repeat(90)]]
    const screen = await renderBoxed(table(rows), { headings: true, width: 40, theme: plain })
    expect(screen).toBe(
      [
        '┌────┬──────┬──────────────────────────┐',
        '│ NS │ NAME │ COMMAND                  │',
        '├────┼──────┼──────────────────────────┤',
        '│  1 │ 日本 │ xxxxxxxxxxxxxxxxxxxxxxx… │',
        '└────┴──────┴──────────────────────────┘',
        '',
      ].join('\n'),
    )
  })

  it('draws it in ASCII where the locale is', async () => {
    const theme = { ...plain, unicode: false }
    const screen = await renderBoxed(table([[1, 'é', 'b']]), {
      headings: false,
      width: null,
      theme,
    })
    expect(screen).toBe('+---+------+---+\n| 1 | \\xe9 | b |\n+---+------+---+\n')
  })
})

/** Text that moves the cursor, turns the line round, or counts for more than it is. */
function hostile(): fc.Arbitrary<string> {
  const piece = fc.constantFrom(
    ...['\u001b[31m', '\n', '\r', '\u202e', '\u0000', '日', '👩‍👩', '\ud800', 'e\u0301', ' ', 'x'],
  )
  return fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))
}
