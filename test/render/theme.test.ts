import { describe, expect, it } from 'vitest'
import { renderTable } from '../../src/render/table.ts'
import { themeOf } from '../../src/render/theme.ts'

describe('a theme', () => {
  it('without colour is the identity', async () => {
    const theme = await themeOf({ colorLevel: 0, unicode: true })
    expect(theme.heading('NS \u001b[1m')).toBe('NS \u001b[1m')
  })

  it.each([1, 2, 3] as const)(
    'of level %i makes headings bold, whatever the environment',
    async (colorLevel) => {
      const theme = await themeOf({ colorLevel, unicode: false })
      expect(theme.heading('NS')).toBe('\u001b[1mNS\u001b[22m')
      expect(theme.unicode).toBe(false)
    },
  )
})

describe('renderTable', () => {
  const table = {
    columns: [{ name: 'A', align: 'left', shrink: 0 } as const],
    rows: [['x y']],
  }
  const style = { raw: false, boxed: false, headings: true, width: null }

  it.each([
    ['columns', {}, '\u001b[1mA\u001b[22m\nx y\n'],
    ['raw, which has no colour', { raw: true, boxed: true }, 'A\nx\\x20y\n'],
    ['boxed', { boxed: true }, '┌─────┐\n│ \u001b[1mA\u001b[22m   │\n├─────┤\n│ x y │\n└─────┘\n'],
    ['without headings', { headings: false }, 'x y\n'],
  ])('draws %s', async (_, change, screen) => {
    const drawn = await renderTable(
      table,
      { ...style, ...change },
      { colorLevel: 1, unicode: true },
    )
    expect(drawn).toBe(screen)
  })
})
