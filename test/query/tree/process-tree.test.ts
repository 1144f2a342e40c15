import { describe, expect, it } from 'vitest'
import type { NsType } from '../../../src/kernel/namespace-types.ts'
import type { Branch } from '../../../src/query/tree/branch.ts'
import { type ProcessNode, processTree, shownInTree } from '../../../src/query/tree/process-tree.ts'
import { populationOf, type Someone } from './populations.ts'

const HOME = { net: 1, uts: 2 } as const
const types = new Set<NsType>(['net', 'uts'])

/** One line a node: `pid changes +unchanged ?uncompared`, indented. */
function drawn(people: readonly Someone[], branch: Branch | null = null): string[] {
  const lines: string[] = []
  const add = (node: ProcessNode, depth: number): void => {
    const { pid, changed, uncompared, folded, targeted } = node
    const parts = [
      String(pid),
      ...(changed === null
        ? []
        : Object.entries(changed).map(([type, ns]) => `${type}=${ns.inum}`)),
      ...uncompared.map((type) => `${type}=?`),
      ...(folded.unchanged > 0 ? [`+${folded.unchanged}`] : []),
      ...(folded.uncompared > 0 ? [`?${folded.uncompared}`] : []),
      ...(targeted ? ['<'] : []),
    ]
    lines.push(' '.repeat(depth) + parts.join(' '))
    for (const child of node.children) add(child, depth + 1)
  }
  for (const node of processTree(populationOf(people), { types, branch }).processes) add(node, 0)
  return lines
}

const FAMILY: readonly Someone[] = [
  { pid: 1, ppid: 0, set: HOME },
  { pid: 10, ppid: 1, set: HOME },
  { pid: 11, ppid: 10, set: HOME },
  { pid: 12, ppid: 11, set: { ...HOME, net: 101 } },
  { pid: 13, ppid: 12, set: { ...HOME, net: 101 } },
  { pid: 14, ppid: 13, set: HOME },
  { pid: 20, ppid: 1, set: HOME },
]

describe('the process tree', () => {
  it('shows who is elsewhere than its parent, and that parent; all others are counted', () => {
    expect(drawn(FAMILY)).toEqual(['1 +2', ' 11', '  12 net=101', '   13', '    14 net=1'])
  })

  it('names no process as changed that only shares what its parent has changed to', () => {
    expect(shownInTree(populationOf(FAMILY), { types, branch: null })).toEqual(
      new Set([1, 11, 12, 13, 14]),
    )
  })

  it('looks at the types that were asked for alone', () => {
    const view = processTree(populationOf(FAMILY), { types: new Set(['uts']), branch: null })
    expect(view.processes).toMatchObject([{ pid: 1, children: [], folded: { unchanged: 6 } }])
  })

  it('counts apart whom it could not compare', () => {
    const people = [
      { pid: 1, ppid: 0, set: { net: 1 } },
      { pid: 2, ppid: 1, set: HOME },
      { pid: 3, ppid: 1, set: {} },
      { pid: 4, ppid: 1, set: { net: 1 } },
    ]
    expect(drawn(people)).toEqual(['1 ?3'])
  })

  it('shows whoever is in no initial namespace where the parent could not be read', () => {
    const people = [
      { pid: 1, ppid: 0, set: {} },
      { pid: 2, ppid: 1, set: HOME },
      { pid: 3, ppid: 1, set: { ...HOME, net: 101 } },
    ]
    expect(drawn(people)).toEqual(['1 ?1', ' 3 net=? uts=?'])
  })

  it('takes what a zombie has given up for no change', () => {
    const people = [
      { pid: 1, ppid: 0, set: { ...HOME, pid: 3 } },
      { pid: 2, ppid: 1, set: { pid: 3 }, more: { state: 'Z' } },
    ]
    const view = processTree(populationOf(people), {
      types: new Set(['net', 'uts', 'pid']),
      branch: null,
    })
    expect(view.processes).toMatchObject([{ pid: 1, folded: { unchanged: 1, uncompared: 0 } }])
  })

  it('takes no younger process for a parent', () => {
    const people = [
      { pid: 1, ppid: 0, set: HOME },
      { pid: 5, ppid: 9, set: HOME },
      { pid: 9, ppid: 1, set: HOME },
    ]
    expect(processTree(populationOf(people), { types, branch: null }).processes).toMatchObject([
      { pid: 1 },
      { pid: 5, changed: null },
    ])
  })

  it('makes no circle of processes that seem to be parents of each other', () => {
    const more = { startTicks: '7' }
    const people = [
      { pid: 5, ppid: 9, set: HOME, more },
      { pid: 9, ppid: 5, set: HOME, more },
      { pid: 12, ppid: 9, set: HOME },
    ]
    expect(drawn(people)).toEqual(['5 +2'])
  })
})

describe('a branch of the process tree', () => {
  it('of a process has all above and below it', () => {
    const branch = { text: '12', pid: 12, inums: new Set([101, 2]) }
    expect(drawn(FAMILY, branch)).toEqual([
      '1 +1',
      ' 11',
      '  12 net=101 <',
      '   13',
      '    14 net=1',
    ])
  })

  it('of a process without a change shows it all the same', () => {
    const branch = { text: '20', pid: 20, inums: new Set([1, 2]) }
    expect(drawn(FAMILY, branch)).toEqual(['1', ' 20 <'])
  })

  it('of a namespace has its members and those above them', () => {
    const branch = { text: 'net:[101]', pid: null, inums: new Set([101]) }
    expect(drawn(FAMILY, branch)).toEqual(['1 +1', ' 11', '  12 net=101 +1 <'])
  })
})
