import { describe, expect, it } from 'vitest'
import { CAPABILITIES } from '../../src/kernel/capabilities.ts'
import type { UserNamespace } from '../../src/model/pair.ts'
import { capableIn, OVERFLOW_ID, sameId } from '../../src/query/capable.ts'
import { credentials } from './rules/pairs.ts'

const INITIAL = 4026531837
const KILL = 1n << BigInt(CAPABILITIES.indexOf('CAP_KILL'))

/** Null of a parent is that of the initial one, or out of sight. */
function hierarchy(...rows: [inum: number, parent: number | null, owner: number | null][]) {
  return new Map<number, UserNamespace>(
    rows.map(([inum, parent, ownerUid]) => [inum, { inum, parent, ownerUid }]),
  )
}

function task(user: number | undefined, uid: number, effective = 0n) {
  return {
    links: user === undefined ? {} : { user },
    credentials: credentials({ uid, effective }),
  }
}

const capable = (
  who: ReturnType<typeof task>,
  target: number,
  users: ReadonlyMap<number, UserNamespace>,
  kernelIds = true,
) => capableIn(who, { capability: 'CAP_KILL', target, users, kernelIds })

describe('capableIn', () => {
  // 10 and 20 below the initial one, 11 below 10; 10 belongs to uid 5.
  const users = hierarchy([INITIAL, null, 0], [10, INITIAL, 5], [11, 10, 7], [20, INITIAL, 0])

  it.each([
    ['its own, with the capability', task(10, 9, KILL), 10, true],
    ['its own, without it', task(10, 9), 10, false],
    ['its own, with all others', task(10, 9, ~KILL & 0x1ffffffffffn), 10, false],
    ['a child, with the capability', task(INITIAL, 9, KILL), 10, true],
    ['a grandchild, with the capability', task(INITIAL, 9, KILL), 11, true],
    ['a child that it made', task(INITIAL, 5), 10, true],
    ['a child of what it made', task(INITIAL, 5), 11, true],
    ['a child that another made', task(INITIAL, 7), 10, false],
    // uid 7 made 11, but is asked for as a process of the initial one: the owner of 10 is what counts.
    ['a grandchild that it made', task(INITIAL, 7), 11, false],
    ['its own, which it made', task(10, 5), 10, false],
    ['its parent, with all', task(10, 0, 0x1ffffffffffn), INITIAL, false],
    ['a sibling, with all', task(20, 0, 0x1ffffffffffn), 10, false],
    ['a child of a sibling, with all', task(20, 7, 0x1ffffffffffn), 11, false],
  ])('in %s', (_, who, target, expected) => {
    expect(capable(who, target, users)).toBe(expected)
  })

  it('counts the effective uid alone', () => {
    const who = { links: { user: INITIAL }, credentials: credentials({ uid: 5, effectiveUid: 6 }) }
    expect(capable(who, 10, users)).toBe(false)
    const other = {
      links: { user: INITIAL },
      credentials: credentials({ uid: 6, effectiveUid: 5 }),
    }
    expect(capable(other, 10, users)).toBe(true)
  })

  it.each([
    ['the namespace of the task', task(undefined, 0), 10, users],
    ['the owner', task(INITIAL, 5), 10, hierarchy([INITIAL, null, 0], [10, INITIAL, null])],
    ['what is above of the target', task(30, 5), 10, hierarchy([10, null, 5], [30, null, 5])],
    ['the hierarchy', task(INITIAL, 5), 10, hierarchy()],
  ])('does not guess where %s is unknown', (_, who, target, known) => {
    expect(capable(who, target, known)).toBeNull()
  })

  it('does not guess without credentials', () => {
    const who = { links: { user: 10 }, credentials: null }
    expect(
      capableIn(who, { capability: 'CAP_KILL', target: 10, users, kernelIds: true }),
    ).toBeNull()
  })

  it('knows a capability for sure, whoever the owner is', () => {
    const unread = hierarchy([INITIAL, null, 0], [10, INITIAL, null])
    expect(capable(task(INITIAL, 5, KILL), 10, unread)).toBe(true)
  })

  it('knows its own namespace, whatever is around it', () => {
    expect(capable(task(10, 5, KILL), 10, hierarchy())).toBe(true)
    expect(capable(task(10, 5), 10, hierarchy())).toBe(false)
  })

  it('knows that an ancestor is not below, though its own parent be out of sight', () => {
    expect(capable(task(11, 0, KILL), 10, hierarchy([10, null, 5], [11, 10, 5]))).toBe(false)
  })

  it('takes nobody for no one in particular when the ids are not those of the kernel', () => {
    const owned = hierarchy([INITIAL, null, 0], [10, INITIAL, OVERFLOW_ID])
    expect(capable(task(INITIAL, OVERFLOW_ID), 10, owned)).toBe(true)
    expect(capable(task(INITIAL, OVERFLOW_ID), 10, owned, false)).toBeNull()
    expect(capable(task(INITIAL, OVERFLOW_ID, KILL), 10, owned, false)).toBe(true)
    expect(capable(task(INITIAL, 5), 10, owned, false)).toBe(false)
  })

  it('is what cap_capable() says, in every hierarchy of four', () => {
    let questions = 0
    for (const all of hierarchies()) {
      for (let own = 0; own < 4; own++) {
        for (let target = 0; target < 4; target++) {
          for (const uid of [0, 1]) {
            for (const effective of [0n, KILL]) {
              const inums = [INITIAL, 1, 2, 3]
              const who = task(inums[own], uid, effective)
              const answer = capable(who, inums[target] as number, toMap(all, inums))
              const asked = { own, target, uid, holds: effective !== 0n }
              expect(answer, JSON.stringify({ all, ...asked })).toBe(capCapable(all, asked))
              questions++
            }
          }
        }
      }
    }
    expect(questions).toBe(6 * 8 * 4 * 4 * 2 * 2)
  })
})

/** Namespace 0 is the initial one; of each of the others: its parent, one before it, and its owner. */
type Node = { readonly parent: number; readonly owner: number }

function* hierarchies(): Generator<Node[]> {
  for (let shape = 0; shape < 6; shape++) {
    for (let owners = 0; owners < 8; owners++) {
      yield [
        { parent: -1, owner: 0 },
        { parent: 0, owner: owners & 1 },
        { parent: shape % 2, owner: (owners >> 1) & 1 },
        { parent: Math.floor(shape / 2), owner: (owners >> 2) & 1 },
      ]
    }
  }
}

function toMap(all: readonly Node[], inums: readonly number[]): Map<number, UserNamespace> {
  return hierarchy(
    ...all.map(({ parent, owner }, i): [number, number | null, number] => [
      ...([inums[i] as number, inums[parent] ?? null, owner] as const),
    ]),
  )
}

/** As it stands in security/commoncap.c. */
function capCapable(
  all: readonly Node[],
  { own, target, uid, holds }: { own: number; target: number; uid: number; holds: boolean },
): boolean {
  const level = (i: number): number => (i === 0 ? 0 : 1 + level((all[i] as Node).parent))
  for (let ns = target; ; ns = (all[ns] as Node).parent) {
    if (ns === own) return holds
    if (level(ns) <= level(own)) return false
    const { parent, owner } = all[ns] as Node
    if (parent === own && owner === uid) return true
  }
}

describe('sameId', () => {
  it.each([
    [1, 1, true, true],
    [1, 2, true, false],
    [null, 2, true, null],
    [OVERFLOW_ID, OVERFLOW_ID, true, true],
    [OVERFLOW_ID, OVERFLOW_ID, false, null],
    [OVERFLOW_ID, 0, false, false],
  ])('of %s and %s (of the kernel: %s) is %s', (a, b, kernelIds, same) => {
    expect(sameId(a, b, kernelIds)).toBe(same)
  })
})
