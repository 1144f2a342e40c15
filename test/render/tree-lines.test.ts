import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { themeOf } from '../../src/render/theme.ts'
import { type Drawn, renderTree } from '../../src/render/tree-lines.ts'

const COLUMNS = [
  { name: 'NAMESPACE', align: 'left', shrink: 0 },
  { name: 'NPROCS', align: 'right', shrink: 0 },
  { name: 'COMMAND', align: 'left', shrink: 2 },
] as const

/** As deep as user namespaces can be nested, and deeper. */
function nested(depth: number): Drawn {
  const below = depth === 0 ? [] : [nested(depth - 1), { cells: { text: '(7 more)' }, below: [] }]
  const cells = [{ text: 'user:[4026532845]' }, { text: 12 }, { text: 'a '.repeat(90) }]
  return { cells, below }
}

async function lines(depth: number, width: number | null, unicode = true): Promise<string[]> {
  const theme = await themeOf({ colorLevel: 0, unicode })
  const text = await renderTree(COLUMNS, [nested(depth)], { width, theme })
  expect(text.endsWith('\n')).toBe(true)
  return text.slice(0, -1).split('\n')
}

describe('a tree', () => {
  it.each([0, 3, 20, 33, 40])('%i levels deep is never wider than the terminal', async (depth) => {
    for (const unicode of [true, false]) {
      const drawn = await lines(depth, 80, unicode)
      for (const line of drawn) expect(stringWidth(line), line).toBeLessThanOrEqual(80)
      const namespaces = drawn.filter((line) => line.includes('user:[4026532845] '))
      expect(namespaces).toHaveLength(depth + 1)
    }
  })

  it('in a pipe is whole', async () => {
    const drawn = await lines(40, null)
    const deepest = drawn.find((line) => line.startsWith('  '.repeat(20)) || /^(│ ){39}/.test(line))
    expect(deepest).toMatch(/^(│ ){39}├─user:\[4026532845\] {5}12 a a /)
  })
})
