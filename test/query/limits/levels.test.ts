import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES } from '../../../src/kernel/namespace-types.ts'
import { levelsOf, reachedLimits } from '../../../src/query/limits/levels.ts'
import { reachedCauses } from '../../../src/query/limits/reached.ts'
import { INITIAL_USER, limitsFacts, namespace } from './limits-case.ts'

const ALL = new Set(NS_TYPE_NAMES)
const NESTED = [
  namespace('user', 10, INITIAL_USER, 5),
  namespace('user', 11, 10, 6),
  namespace('net', 20, 11),
  namespace('net', 21, INITIAL_USER),
]

describe('the levels', () => {
  it('go up to the initial user namespace, with who is charged in each', () => {
    const facts = limitsFacts(NESTED, { uid: 7, userNs: 11 })
    expect(levelsOf(facts, ALL).map(({ userNs, uid, level }) => [userNs.inum, uid, level])).toEqual(
      [
        [11, 7, 2],
        [10, 6, 1],
        [INITIAL_USER, 5, 0],
      ],
    )
  })

  it('are without numbers where what is above is out of sight', () => {
    const cut = new Map([[11, { inum: 11, parent: null, ownerUid: 6 }]])
    const [level, ...others] = levelsOf(
      limitsFacts(NESTED, { userNs: 11 }, { users: cut, reader: 11, limits: { net: 2 } }),
      ALL,
    )
    expect(others).toEqual([])
    expect(level).toMatchObject({ level: null, unknown: ['level'] })
    expect(level?.types.net).toMatchObject({ limit: 2, inferred: [] })
  })

  it('have the limits of the reader alone; others hold until they are changed', () => {
    const [below, , initial] = levelsOf(
      limitsFacts(NESTED, { userNs: 11 }, { limits: { net: 3 } }),
      ALL,
    )
    expect(below?.types.net).toMatchObject({ limit: 2_147_483_647, inferred: ['limit'] })
    expect(initial?.types.net).toMatchObject({ limit: 3, used: 1, certain: 1, full: false })
    expect(initial?.types.uts).toMatchObject({ limit: null, full: null, unknown: ['limit'] })
  })

  it('count nothing where nobody says who owns what', () => {
    const coverage = { ...limitsFacts().coverage, sources: [] }
    const [level] = levelsOf(limitsFacts(NESTED, {}, { coverage, limits: { net: 3 } }), ALL)
    expect(level?.types.net).toMatchObject({ used: null, full: null })
    expect(level?.types.net?.unknown).toEqual(['used', 'certain'])
  })

  it('of a namespace count for who probably creates others there', () => {
    const [level] = levelsOf(limitsFacts(NESTED, { userNs: 11 }, { subject: null }), ALL)
    expect(level).toMatchObject({ uid: 6, inferred: ['uid'] })
  })

  it('show the types that were asked for', () => {
    const [level] = levelsOf(limitsFacts(), new Set(['uts', 'net'] as const))
    expect(Object.keys(level?.types ?? {})).toEqual(['net', 'uts'])
  })
})

describe('a limit', () => {
  const fullAt = (limit: number, uid = 5) =>
    levelsOf(limitsFacts(NESTED, { uid }, { limits: { net: limit } }), ALL)[0]?.types.net?.full

  it.each([
    [0, true],
    [1, true],
    [2, false],
  ])('of %s is reached by one: %s', (limit, full) => {
    expect(fullAt(limit)).toBe(full)
  })

  it('is perhaps reached by what uid 0 has probably created', () => {
    expect(fullAt(1, 0)).toBeNull()
    expect(fullAt(2, 0)).toBe(false)
  })

  it('that is reached is told with who, where and how many', () => {
    const told = (uid: number, net: number) => {
      const levels = levelsOf(limitsFacts(NESTED, { uid }, { limits: { net } }), ALL)
      return reachedCauses('net', reachedLimits(levels))
    }
    expect(told(5, 1)).toEqual([
      {
        errno: 'ENOSPC',
        why: 'user.max_net_namespaces is 1 in the initial user namespace, and uid 5 has 1 network namespace there',
        hint: 'end what keeps some alive (nsx list -t net); or as root there: sysctl -w user.max_net_namespaces=10000',
        certain: true,
      },
    ])
    expect(told(0, 1)[0]).toMatchObject({ certain: false })
    expect(told(0, 1)[0]?.why).toContain('it seems that uid 0 has')
    expect(told(5, 0)[0]?.why).toBe('user.max_net_namespaces is 0 in the initial user namespace')
    expect(told(5, 2)).toEqual([])
  })
})
