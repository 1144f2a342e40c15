import { describe, expect, it } from 'vitest'
import type { NsType } from '../../../src/kernel/namespace-types.ts'
import { countUse, creatorIn } from '../../../src/query/limits/charges.ts'
import { INITIAL_USER, limitsFacts, namespace } from './limits-case.ts'

/** User namespace 10 of uid 5, and 11 of uid 6 in it, which owns a network namespace. */
const NESTED = [
  namespace('user', 10, INITIAL_USER, 5),
  namespace('user', 11, 10, 6),
  namespace('net', 20, 11),
]

function used(facts: Parameters<typeof countUse>[0], userNs: number, uid: number, type: NsType) {
  return countUse(facts)({ userNs, uid, type })
}

describe('a namespace is charged', () => {
  it('to the owner of each user namespace in the one above', () => {
    const facts = limitsFacts(NESTED)
    expect(used(facts, 10, 6, 'net')).toEqual({ used: 1, certain: 1 })
    expect(used(facts, INITIAL_USER, 5, 'net')).toEqual({ used: 1, certain: 1 })
    expect(used(facts, INITIAL_USER, 6, 'net')).toEqual({ used: 0, certain: 0 })
  })

  it('as a user namespace to its own owner, then as any other', () => {
    const facts = limitsFacts(NESTED)
    expect(used(facts, INITIAL_USER, 5, 'user')).toEqual({ used: 2, certain: 2 })
    expect(used(facts, 10, 6, 'user')).toEqual({ used: 1, certain: 1 })
    expect(used(facts, 11, 6, 'user')).toEqual({ used: 0, certain: 0 })
  })

  it('to root where the initial user namespace owns it, by inference', () => {
    const facts = limitsFacts([namespace('uts', 20, INITIAL_USER)])
    expect(used(facts, INITIAL_USER, 0, 'uts')).toEqual({ used: 1, certain: 0 })
  })

  it('to nobody where it is of the boot, or its owner is out of sight', () => {
    const initial = namespace('net', 4026531833, INITIAL_USER)
    const strange = { ...namespace('net', 21, 0), owner: null }
    const facts = limitsFacts([initial, strange], {}, { initial: [INITIAL_USER, 4026531833] })
    expect(used(facts, INITIAL_USER, 0, 'net')).toEqual({ used: 0, certain: 0 })
  })

  it('to an owner without a number in the reader’s user namespace by inference alone', () => {
    const below = [namespace('user', 11, 10, 65_534)]
    expect(used(limitsFacts(below, {}, { reader: 10 }), 10, 65_534, 'user').certain).toBe(0)
    expect(used(limitsFacts(below), 10, 65_534, 'user').certain).toBe(1)
  })

  it('once, also where a broken document holds a loop', () => {
    const loop = [namespace('user', 10, 11, 5), namespace('user', 11, 10, 6)]
    expect(used(limitsFacts(loop), 10, 6, 'user').used).toBe(2)
  })
})

describe('who creates namespaces in a user namespace', () => {
  const facts = (map: { inside: number; outside: number | null; count: number }[] | null) =>
    limitsFacts(NESTED, {}, map ? { maps: new Map([[10, map]]) } : {})

  it('is who is uid 0 in it', () => {
    const range = [{ inside: 0, outside: 100_000, count: 65_536 }]
    expect(creatorIn(10, facts(range))).toEqual({ uid: 100_000, sure: false })
  })

  it('is its owner for sure where there is no other id', () => {
    expect(creatorIn(10, facts([{ inside: 0, outside: 5, count: 1 }]))?.sure).toBe(true)
    expect(creatorIn(10, facts([]))).toEqual({ uid: 5, sure: true })
  })

  it('is another than the owner, but not for sure, where the only id is another', () => {
    const map = [{ inside: 0, outside: 7, count: 1 }]
    expect(creatorIn(10, facts(map))).toEqual({ uid: 7, sure: false })
  })

  it('is probably the owner where its map is out of sight, or maps no root', () => {
    expect(creatorIn(10, facts(null))).toEqual({ uid: 5, sure: false })
    expect(creatorIn(10, facts([{ inside: 9, outside: 9, count: 2 }]))?.uid).toBe(5)
  })

  it('cannot be told where neither is known', () => {
    expect(creatorIn(99, facts(null))).toBeNull()
  })
})
