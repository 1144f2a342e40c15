import { describe, expect, it } from 'vitest'
import { NsxError } from '../../../src/errors.ts'
import { NS_TYPE_NAMES, type NsType } from '../../../src/kernel/namespace-types.ts'
import type { BranchTarget } from '../../../src/model/branch-target.ts'
import { branchOf } from '../../../src/query/tree/branch.ts'
import type { TreeOrder } from '../../../src/query/tree/tree-question.ts'
import { ask } from '../../support/ask.ts'
import { fixtureHost } from '../../support/fixture-host.ts'

const { snapshot } = ask(fixtureHost('two-containers'))

function branch(
  target: Partial<Extract<BranchTarget, { kind: 'namespace' }>>,
  { by = 'owner', types = NS_TYPE_NAMES }: { by?: TreeOrder; types?: readonly NsType[] } = {},
): readonly number[] | string {
  const blank = { kind: 'namespace', text: 'it', inum: null, id: null, type: null } as const
  try {
    const named = { ...blank, path: false, ...target }
    return [...branchOf(named, snapshot, { by, types: new Set(types) }).inums]
  } catch (error) {
    if (!(error instanceof NsxError)) throw error
    return `${error.details.exitCode} ${error.message}`
  }
}

describe('the branch of a namespace', () => {
  it.each([
    ['its number', { inum: 4026532305 }],
    ['its link', { inum: 4026532305, type: 'net' as const }],
    ['its id', { id: '7305' }],
  ])('is found by %s', (_, target) => {
    expect(branch(target)).toEqual([4026532305])
  })

  it.each([
    ['a number that is not there', { inum: 5 }, {}, '3 there is no namespace it'],
    ['an id that is not there', { id: '1000000000' }, {}, '3 there is no namespace it'],
    ['a path that nobody holds', { inum: 5, path: true }, {}, '3 nothing was found that holds it'],
    ['another type', { inum: 4026532305, type: 'uts' as const }, {}, '3 there is no namespace it'],
    [
      'a type that was left out',
      { inum: 4026532305 },
      { types: ['uts' as const] },
      '2 it is a namespace of type net, which --type leaves out',
    ],
    [
      'a type without parents',
      { inum: 4026532305 },
      { by: 'parent' as const, types: ['pid' as const] },
      '2 it: net namespaces have no parents, only pid and user namespaces do',
    ],
  ])('is refused for %s', (_, target, question, message) => {
    expect(branch(target, question)).toBe(message)
  })
})
