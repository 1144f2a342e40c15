import { describe, expect, it } from 'vitest'
import { NsxError } from '../../../src/errors.ts'
import { treeQuestion } from '../../../src/query/tree/tree-question.ts'

function refusal(by: string | undefined, ...type: string[]): NsxError['details'] & { m: string } {
  try {
    treeQuestion({ by, type })
  } catch (error) {
    if (error instanceof NsxError) return { ...error.details, m: error.message }
    throw error
  }
  throw new Error('it was not refused')
}

describe('the question of a tree', () => {
  it('is by owner, of all types, unless told otherwise', () => {
    const { by, types } = treeQuestion({ by: undefined, type: [] })
    expect([by, types.size]).toEqual(['owner', 8])
  })

  it.each([
    [[], ['pid', 'user']],
    [['user'], ['user']],
    [
      ['pid', 'user'],
      ['pid', 'user'],
    ],
  ])('by parent of %j is of %j', (type, types) => {
    expect([...treeQuestion({ by: 'parent', type }).types]).toEqual(types)
  })

  it.each([
    ['parnet', 'did you mean parent?'],
    ['', '--by owner, parent, process'],
    ['OWNER', '--by owner, parent, process'],
  ])('by %j is none', (by, hint) => {
    const details = refusal(by)
    expect(details).toMatchObject({ code: 'unknown-order', exitCode: 2, target: by })
    expect(details.hint).toContain(hint)
  })

  it('by parent is none of what has no parents', () => {
    expect(refusal('parent', 'pid', 'net')).toMatchObject({
      ...{ code: 'no-parents', exitCode: 2, target: '--by parent' },
      m: '--by parent: net namespaces have no parents, only pid and user namespaces do',
    })
  })

  it('is none of a type that there is not', () => {
    expect(refusal('process', 'pids')).toMatchObject({ code: 'unknown-type', target: 'pids' })
  })
})
