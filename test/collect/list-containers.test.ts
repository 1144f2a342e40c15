import { describe, expect, test } from 'vitest'
import { containerCandidates } from '../../src/collect/list-containers.ts'
import type { Container, Evidence } from '../../src/model/container.ts'

const cgroup = (where: string): Evidence => ({ kind: 'cgroup', where, uid: 0 })
const parent: Evidence = { kind: 'process', where: 'runc(7)', uid: 0 }

function container(id: string | null, more: Partial<Container> = {}): Container {
  return {
    ...({ family: 'runc', kind: 'container', id, name: id } as const),
    ...{ image: null, pod: null, compose: null, outer: null, evidence: [], unknown: [], ...more },
  }
}

const candidates = (of: Readonly<Record<number, Container | null>>) =>
  containerCandidates(new Map(Object.entries(of).map(([pid, each]) => [Number(pid), each])))

describe('the containers among which a name is looked for', () => {
  test('are one of whoever was there first and whoever was sent in later', () => {
    const later = container('box', { evidence: [cgroup('/box')] })
    const first = container('box', { evidence: [cgroup('/box'), parent] })
    expect(candidates({ 30: later, 20: first, 40: later, 50: null })).toEqual([
      { container: first, label: 'runc:box', pids: [20, 30, 40] },
    ])
  })

  test.each([
    ['cgroups', container('box', { evidence: [cgroup('/a/box')] })],
    ['families', container('box', { family: 'crun', evidence: [cgroup('/box')] })],
    ['numbers', container('other', { evidence: [cgroup('/box')] })],
    ['outer ones', container('box', { outer: container('x'), evidence: [cgroup('/box')] })],
    ['evidence that is no cgroup', container('box', { evidence: [parent] })],
    ['no numbers', container(null, { evidence: [cgroup('/box')] })],
  ])('are several where they have other %s', (_what, other) => {
    const box = container('box', { evidence: [cgroup('/box')] })
    const found = candidates({ 1: box, 2: other }).filter(
      (each) => each.container === box || each.container === other,
    )
    expect(found.map(({ pids }) => pids)).toEqual([[1], [2]])
  })

  test('have the processes of those within them', () => {
    const outer = container('machine', { family: 'machine' })
    const inner = container('web', { outer })
    expect(candidates({ 2: outer, 3: inner })).toEqual([
      { container: outer, label: 'machine:machine', pids: [2, 3] },
      { container: inner, label: 'machine:machine/runc:web', pids: [3] },
    ])
  })
})
