import { describe, expect, it } from 'vitest'
import type { KnownNamespace } from '../../src/model/inspection.ts'
import { levelOf, lineage, relationOf } from '../../src/query/relation.ts'

function ns(inum: number, parent: number | null, change: Partial<KnownNamespace> = {}) {
  return {
    ...{ type: 'user', inum, parent, id: null, owner: parent, ownerUid: null, unknown: [] },
    initial: parent === null,
    ...change,
  } as KnownNamespace
}

/** 1 has the children 2 and 3, 2 has 4, and 4 has 5. */
const USERS = [ns(1, null), ns(2, 1), ns(3, 1), ns(4, 2), ns(5, 4)]
const NETS = [
  ns(11, null, { type: 'net', owner: 1 }),
  ns(12, null, { type: 'net', owner: 1 }),
  ns(14, null, { type: 'net', owner: 4 }),
  ns(13, null, { type: 'net', owner: 3 }),
  ns(19, null, { type: 'net', owner: null, unknown: ['owner'] }),
]
const KNOWN = new Map([...USERS, ...NETS].map((each) => [each.inum, each]))
const known = (inum: number) => KNOWN.get(inum) as KnownNamespace

describe('relationOf', () => {
  it.each([
    ['itself', 2, 2, { kind: 'same', distance: 0, common: null }],
    ['a child', 1, 2, { kind: 'ancestor', distance: 1, common: null }],
    ['a grandchild', 1, 4, { kind: 'ancestor', distance: 2, common: null }],
    ['a parent', 4, 2, { kind: 'descendant', distance: 1, common: null }],
    ['a sibling', 2, 3, { kind: 'related', distance: null, common: 1 }],
    ["a sibling's descendant", 5, 3, { kind: 'related', distance: null, common: 1 }],
  ])('tells %s among user namespaces', (_, a, b, relation) => {
    expect(relationOf(known(a), known(b), KNOWN)).toEqual({ of: 'namespace', ...relation })
  })

  it.each([
    ['the same owner', 11, 12, { kind: 'same', distance: 0, common: null }],
    ['an owner below', 11, 14, { kind: 'ancestor', distance: 2, common: null }],
    ['an owner above', 14, 11, { kind: 'descendant', distance: 2, common: null }],
    ['owners that are related', 14, 13, { kind: 'related', distance: null, common: 1 }],
    ['an owner that could not be read', 11, 19, { kind: 'unknown', distance: null, common: null }],
  ])('compares the owners of other types: %s', (_, a, b, relation) => {
    expect(relationOf(known(a), known(b), KNOWN)).toEqual({ of: 'owner', ...relation })
  })

  it('does not guess where an ancestor is out of sight', () => {
    const some = new Map([4, 3].map((inum) => [inum, known(inum)]))
    expect(relationOf(known(4), known(3), some).kind).toBe('unknown')
  })
})

describe('a lineage', () => {
  it('ends where the next one is not known', () => {
    const some = new Map([5, 4].map((inum) => [inum, known(inum)]))
    expect(lineage(known(5), some)).toEqual([5, 4])
    expect(levelOf(known(5), some)).toBeNull()
  })

  it('counts levels from the initial one', () => {
    expect([1, 2, 5].map((inum) => levelOf(known(inum), KNOWN))).toEqual([0, 1, 3])
  })

  it('ends also where a broken document holds a loop', () => {
    const loop = new Map([ns(7, 8), ns(8, 7)].map((each) => [each.inum, each]))
    expect(lineage(loop.get(7) as KnownNamespace, loop)).toEqual([7, 8])
  })
})
