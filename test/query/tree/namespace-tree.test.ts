import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES, type NsType } from '../../../src/kernel/namespace-types.ts'
import type { Row } from '../../../src/query/rows.ts'
import { type NamespaceNode, namespaceTree } from '../../../src/query/tree/namespace-tree.ts'
import { machineRows } from '../../support/rows.ts'

const [model] = machineRows('bare-host') as [Row]
const ref = (type: NsType, inum: number) => ({ type, inum, id: '1' })

interface Known {
  readonly owner?: number
  readonly parent?: number
  readonly unknown?: readonly string[]
}

function row(type: NsType, inum: number, { owner, parent, unknown = [] }: Known): Row {
  return {
    ...{ ...model, ...ref(type, inum), unknown },
    owner: owner === undefined ? null : ref('user', owner),
    parent: parent === undefined ? null : ref(type, parent),
  }
}

const ROWS = [
  row('user', 10, {}),
  row('pid', 20, { owner: 10 }),
  row('net', 21, { owner: 10 }),
  row('user', 11, { owner: 10, parent: 10 }),
  row('pid', 22, { owner: 11, parent: 20 }),
  row('net', 23, { owner: 11 }),
  row('user', 12, { owner: 11, parent: 11 }),
]

interface Asked {
  readonly rows?: readonly Row[]
  readonly types?: readonly NsType[]
  readonly inums?: readonly number[]
  readonly pid?: number | null
}

/** `10(20 21) 11(…)`: what it owns in front, what is below in brackets behind. */
function drawn(by: 'owner' | 'parent', asked: Asked = {}): [placed: string, unplaced: string] {
  const { rows = ROWS, types = NS_TYPE_NAMES, inums, pid = null } = asked
  const branch = inums ? { text: 'x', inums: new Set(inums), pid } : null
  const question = { by, types: new Set(types), branch, membersOf: () => [] }
  const { namespaces, unplaced } = namespaceTree(rows, question)
  return [wordsOf(namespaces), wordsOf(unplaced)]
}

function wordsOf(nodes: readonly NamespaceNode[]): string {
  return nodes.map(wordOf).join(' ')
}

function wordOf({ ns, owned, children, targeted }: NamespaceNode): string {
  const below = [...owned, ...children]
  const own = `${ns.inum}${targeted ? '<' : ''}`
  return below.length > 0 ? `${own}(${wordsOf(below)})` : own
}

describe('the tree of namespaces', () => {
  it('by owner has what a user namespace owns before its children', () => {
    expect(drawn('owner')).toEqual(['10(21 20 11(23 22 12))', ''])
  })

  it('by parent has user and PID namespaces alone', () => {
    expect(drawn('parent', { types: ['pid', 'user'] })).toEqual(['20(22) 10(11(12))', ''])
    expect(drawn('parent', { types: ['pid'] })).toEqual(['20(22)', ''])
  })

  it('of one type has the user namespaces above, no others', () => {
    expect(drawn('owner', { types: ['pid'] })).toEqual(['10(20 11(22))', ''])
    expect(drawn('owner', { types: ['user'] })).toEqual(['10(11(12))', ''])
  })

  it('sets apart what has an owner that could not be read, or is out of sight', () => {
    const rows = [
      ...[row('user', 10, {}), row('net', 21, { owner: 10 })],
      ...[row('net', 30, { unknown: ['owner'] }), row('uts', 31, { owner: 99 })],
      ...[row('user', 13, { unknown: ['parent'] }), row('ipc', 32, { owner: 13 })],
    ]
    expect(drawn('owner', { rows })).toEqual(['10(21)', '30 31 13(32)'])
    expect(drawn('parent', { rows, types: ['pid', 'user'] })).toEqual(['10', '13'])
  })

  it('makes no circle of numbers that were used again', () => {
    const rows = [row('user', 10, {}), row('user', 5, { parent: 6 }), row('user', 6, { parent: 5 })]
    expect(drawn('owner', { rows })).toEqual(['10', ''])
  })
})

describe('a branch of the tree of namespaces', () => {
  it('of a namespace has all above and below it', () => {
    expect(drawn('owner', { inums: [11] })).toEqual(['10(11<(23 22 12))', ''])
    expect(drawn('parent', { inums: [22], types: ['pid', 'user'] })).toEqual(['20(22<)', ''])
  })

  it('of a process has its own namespaces and those above them', () => {
    expect(drawn('owner', { inums: [10, 22, 21], pid: 7 })).toEqual(['10<(21< 11(22<))', ''])
  })
})
