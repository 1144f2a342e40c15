import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from '../../src/model/nearest.ts'

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['list', 'list', 0],
    ['', 'list', 4],
    ['lst', 'list', 1],
    ['lsit', 'list', 1],
    ['kitten', 'sitting', 3],
  ])('%s to %s is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance)
  })

  it('is the same both ways and never more than the longer word', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const distance = editDistance(a, b)
        expect(distance).toBe(editDistance(b, a))
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
      }),
    )
  })
})

describe('nearest', () => {
  it.each([
    ['lst', 'list'],
    ['hepl', 'help'],
    ['xyz', undefined],
    ['l', undefined],
  ])('of %s is %s', (word, candidate) => {
    expect(nearest(word, ['help', 'list'])).toBe(candidate)
  })
})
