import { describe, expect, it } from 'vitest'
import { couldWrite } from '../../src/act/could-write.ts'
import type { IdMapLine } from '../../src/kernel/id-map.ts'

const CONTAINER: readonly IdMapLine[] = [
  { inside: 0, outside: 100_000, count: 65_536 },
  { inside: 65_536, outside: null, count: 1 },
]

describe('a file could be written from inside of a user namespace', () => {
  it.each([
    ['not where its owner is none of those inside', 0, 0o755, false],
    ['where its owner is the first of those inside', 100_000, 0o555, true],
    ['where its owner is the last of those inside', 165_535, 0o555, true],
    ['not where its owner is one past them', 165_536, 0o755, false],
    ['nor one before', 99_999, 0o755, false],
    ['where everybody may write it', 0, 0o757, true],
    ['where its group may, which may be an access control list', 0, 0o775, true],
    ['where its owner has no number here', 65_534, 0o755, true],
  ])('%s', (_, uid, mode, could) => {
    expect(couldWrite({ uid, mode: 0o100_000 | mode }, CONTAINER)).toBe(could)
  })

  it('by anybody in our own, or in one whose map is unknown', () => {
    expect(couldWrite({ uid: 0, mode: 0o755 }, null)).toBe(true)
  })
})
