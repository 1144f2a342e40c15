import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CAPABILITIES } from '../../src/kernel/capabilities.ts'
import type { UserNamespace } from '../../src/model/pair.ts'
import { capableIn } from '../../src/query/capable.ts'
import { explainCapability } from '../../src/query/explain-capability.ts'
import { credentials } from './rules/pairs.ts'

const INITIAL = 4026531837

/** User namespaces by inode, each with its parent and the uid of its creator. */
function users(...rows: readonly (readonly [number, number | null, number | null])[]) {
  return new Map<number, UserNamespace>([
    [INITIAL, { inum: INITIAL, parent: null, ownerUid: 0 }],
    ...rows.map(([inum, parent, ownerUid]) => [inum, { inum, parent, ownerUid }] as const),
  ])
}

const TREE = users([10, INITIAL, 5], [11, 10, 6], [12, 11, 5], [20, INITIAL, 5])

function explain(user: number, uid: number, target: number, known = TREE) {
  const task = { links: { user }, credentials: credentials({ uid, effective: 1n << 12n }) }
  const { steps, result } = explainCapability(task, { target, users: known, kernelIds: true })
  return `${steps.map(({ inum, finding }) => `${inum} ${finding}`).join(', ')}: ${result}`
}

describe('the rule of capabilities, turn by turn', () => {
  it.each([
    ['in its own', INITIAL, 0, INITIAL, `${INITIAL} own: effective`],
    ['in a child that it owns', INITIAL, 5, 10, '10 owned: all'],
    ['in a child of another', INITIAL, 7, 10, `10 child, ${INITIAL} own: effective`],
    ['below of a child that it owns', INITIAL, 5, 12, '12 other, 11 other, 10 owned: all'],
    ['below of a child of another', 10, 5, 12, '12 other, 11 child, 10 own: effective'],
    ['above of its own', 10, 5, INITIAL, `${INITIAL} above: none`],
    ['beside its own', 10, 5, 20, '20 above: none'],
    ['below of what is beside its own', 20, 5, 12, '12 other, 11 other, 10 above: none'],
  ])('%s', (_, user, uid, target, told) => {
    expect(explain(user, uid, target)).toBe(told)
  })

  it('tells nothing where an owner is out of sight', () => {
    const known = users([10, INITIAL, null])
    expect(explain(INITIAL, 5, 10, known)).toBe(`10 untold, ${INITIAL} own: null`)
  })

  it('tells nothing where a parent is out of sight', () => {
    const known = users([10, null, 5], [11, null, 5])
    expect(explain(10, 5, 11, known)).toBe('11 unseen: null')
  })

  it('tells nothing of a task whose credentials could not be read', () => {
    const task = { links: { user: 10 }, credentials: null }
    expect(explainCapability(task, { target: 10, users: TREE, kernelIds: true })).toEqual({
      ...{ steps: [], result: null },
    })
  })

  it('is what one capability alone is told, in any hierarchy', () => {
    const tree = fc.array(
      fc.record({ parent: fc.nat(8), owner: fc.option(fc.nat(3)), seen: fc.boolean() }),
      { minLength: 1, maxLength: 8 },
    )
    const asked = fc.record({ user: fc.nat(8), uid: fc.nat(3), target: fc.nat(8) })
    fc.assert(
      fc.property(tree, asked, fc.boolean(), (rows, { user, uid, target }, has) => {
        const inums = [INITIAL, ...rows.map((_, i) => i + 1)]
        const at = (index: number) => inums[index % inums.length] as number
        const known = users(
          ...rows.map(({ parent, owner, seen }, i) => {
            const above = inums[parent % (i + 1)] as number
            return [i + 1, seen || above === INITIAL ? above : null, owner] as const
          }),
        )
        const all = (1n << BigInt(CAPABILITIES.length)) - 1n
        const task = {
          links: { user: at(user) },
          credentials: credentials({ uid, effective: has ? all : 0n }),
        }
        const question = { target: at(target), users: known, kernelIds: true }
        const { result } = explainCapability(task, question)
        const one = capableIn(task, { ...question, capability: 'CAP_NET_ADMIN' })
        // Which of the two it is makes no difference where it has them all.
        if (result === null) expect(one === null || has).toBe(true)
        else expect(one).toBe(result === 'all' || (result === 'effective' && has))
      }),
      { numRuns: 2000 },
    )
  })
})
