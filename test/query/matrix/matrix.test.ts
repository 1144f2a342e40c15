import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES, type NsType } from '../../../src/kernel/namespace-types.ts'
import type { Container } from '../../../src/model/container.ts'
import { lettersOf } from '../../../src/query/matrix/letters.ts'
import { type MatrixQuestion, matrixOf } from '../../../src/query/matrix/matrix.ts'
import { populationOf, type Someone } from '../tree/populations.ts'

const types = new Set<NsType>(['net', 'uts'])
const HOME = { net: 1, uts: 2 } as const

function container(name: string, more: Partial<Container> = {}): Container {
  return {
    ...({ family: 'docker', kind: 'container', id: name, name, image: null, pod: null } as const),
    ...{ compose: null, outer: null, evidence: [], unknown: [], ...more },
  }
}

const unit = (name: string, outer: Container | null = null) =>
  container(name, { family: 'unit', kind: 'unit', id: null, outer })

/** A line a row: `label count net uts`; ` !type` for its risks. */
function drawn(people: readonly Someone[], only: MatrixQuestion['only'] = null): string[] {
  return matrixOf(populationOf(people), { types, only }).rows.map((row) => {
    const { label, processCount, cells, risks, pod, pause, targeted } = row
    const words = Object.values(cells).map(({ sharing, letter }) => letter ?? sharing ?? '?')
    return [
      ...[label, processCount, ...words],
      ...risks.map(({ type }) => `!${type}`),
      ...(pod === null ? [] : [`in ${pod}`]),
      ...(pause ? ['pause'] : []),
      ...(targeted ? ['<'] : []),
    ].join(' ')
  })
}

const INIT = { pid: 1, ppid: 0, set: HOME }

describe('a matrix', () => {
  it('has a row for each container, unit and other group of processes', () => {
    const web = container('web')
    expect(
      drawn([
        INIT,
        { pid: 2, ppid: 1, set: HOME, container: unit('cron.service') },
        { pid: 3, ppid: 1, set: { net: 1, uts: 101 }, container: unit('own.service') },
        { pid: 4, ppid: 1, set: { net: 102, uts: 103 }, container: web },
        { pid: 5, ppid: 4, set: { net: 102, uts: 103 }, container: web },
        { pid: 6, ppid: 1, set: { net: 104, uts: 2 } },
      ]),
    ).toEqual([
      'p1(1) 2 initial initial',
      'docker:web 2 private private',
      'unit:own.service 1 initial private',
      'p6(6) 1 private initial',
    ])
  })

  it('gives the same letter to the same namespace, within a type', () => {
    expect(
      drawn([
        { pid: 4, ppid: 1, set: { net: 102, uts: 103 }, container: container('a') },
        { pid: 5, ppid: 1, set: { net: 102, uts: 104 }, container: container('b') },
        { pid: 6, ppid: 1, set: { net: 105, uts: 104 } },
        { pid: 7, ppid: 1, set: { net: 105, uts: 106 } },
      ]),
    ).toEqual(['docker:a 1 A private', 'docker:b 1 A A', 'p6(6) 1 B A', 'p7(7) 1 B private'])
  })

  it('sets apart processes of a container that are elsewhere than its topmost one', () => {
    const box = container('box', { family: 'machine', kind: 'machine', id: null })
    expect(
      drawn([
        { pid: 4, ppid: 1, set: { net: 102, uts: 103 }, container: box },
        { pid: 5, ppid: 4, set: { net: 102, uts: 103 }, container: unit('a.service', box) },
        { pid: 6, ppid: 4, set: { net: 105, uts: 103 }, container: unit('b.service', box) },
        { pid: 7, ppid: 4, set: { net: 106, uts: 103 }, container: box },
      ]),
    ).toEqual([
      'machine:box 2 private A',
      'machine:box p7(7) 1 private A',
      'machine:box/unit:b.service 1 private A',
    ])
  })

  it('leaves out zombies, and says where something could not be read', () => {
    const dead = { pid: 3, ppid: 1, set: {}, more: { state: 'Z' } }
    expect(drawn([INIT, dead, { pid: 4, ppid: 1, set: { net: 1 } }])).toEqual([
      'p1(1) 1 initial initial',
      'p4(4) 1 initial ?',
    ])
  })

  it('is not certain that one is private where some processes could not be read', () => {
    const population = populationOf([{ pid: 4, ppid: 1, set: { net: 102 } }])
    const { snapshot } = population
    const namespaces = snapshot.namespaces.map((ns) => ({ ...ns, atLeast: ['process' as const] }))
    const doubtful = { ...population, snapshot: { ...snapshot, namespaces } }
    const question = { types: new Set<NsType>(['net']), only: null }
    const certain = (of: typeof population) => matrixOf(of, question).rows[0]?.cells.net?.certain
    expect([certain(population), certain(doubtful)]).toEqual([true, false])
  })

  it('of a target has its row and those that share with it', () => {
    const people = [
      INIT,
      { pid: 4, ppid: 1, set: { net: 102, uts: 103 } },
      { pid: 5, ppid: 1, set: { net: 102, uts: 2 } },
      { pid: 6, ppid: 1, set: { net: 105, uts: 2 } },
    ]
    const only = [{ pid: 4, inums: new Set([102, 103]) }]
    expect(drawn(people, only)).toEqual(['p4(4) 1 A private <', 'p5(5) 1 A initial'])
    expect(drawn(people, [{ pid: null, inums: new Set([105]) }])).toEqual([
      'p6(6) 1 private initial <',
    ])
  })
})

describe('the risks of a matrix', () => {
  const set = { mnt: 1, net: 2, pid: 3, uts: 4, ipc: 5, user: 6, cgroup: 7, time: 8 } as const
  const all = new Set(NS_TYPE_NAMES)
  const pod = { name: 'shop', namespace: null, uid: null }

  it.each<[string, Container | null, string[]]>([
    ['a container', container('web'), ['mnt', 'net', 'pid', 'ipc', 'user']],
    ['a machine', container('box', { kind: 'machine' }), ['mnt', 'net', 'pid', 'ipc', 'user']],
    [
      'the sandbox of a pod',
      container('x', { kind: 'sandbox', pod }),
      ['mnt', 'net', 'pid', 'ipc', 'user'],
    ],
    ['the sandbox of an application', container('x', { kind: 'sandbox' }), []],
    ['a unit', unit('cron.service'), []],
    ['nothing', null, []],
  ])('of %s that is in all namespaces of the host', (_, contained, risks) => {
    const people = [{ pid: 4, ppid: 1, set, container: contained }]
    const [row] = matrixOf(populationOf(people), { types: all, only: null }).rows
    expect(row?.risks.map(({ type }) => type)).toEqual(risks)
    expect(row?.risks.filter(({ usual }) => usual).length ?? 0).toBe(risks.length > 0 ? 1 : 0)
  })
})

describe('the pods of a matrix', () => {
  const pod = (name: string | null) => ({ name, namespace: 'default', uid: 'u' })
  const shared = { net: 101, uts: 102 } as const

  it('stand together, the container that holds their namespaces first', () => {
    const pause = container('x', { family: 'cri', kind: 'sandbox', name: null, pod: pod('shop') })
    expect(
      drawn([
        { pid: 3, ppid: 1, set: { net: 103, uts: 104 }, container: container('alone') },
        { pid: 4, ppid: 1, set: shared, container: container('a', { pod: pod('shop') }) },
        { pid: 5, ppid: 1, set: shared, container: pause },
      ]),
    ).toEqual([
      'cri:shop/x 1 A A in default/shop pause',
      'docker:shop/a 1 A A in default/shop',
      'docker:alone 1 private private',
    ])
  })

  it("are known by podman's infra container, and by whoever calls itself pause", () => {
    const infra = container('0123456789ab-infra', { family: 'podman', pod: pod('shop') })
    const [first] = drawn([{ pid: 5, ppid: 1, set: shared, container: infra }])
    expect(first).toMatch(/in default\/shop pause$/)
    const people = [
      { pid: 5, ppid: 1, set: shared, container: container('hold'), more: { comm: 'pause' } },
      { pid: 6, ppid: 1, set: { net: 101, uts: 2 }, container: container('joined') },
      { pid: 7, ppid: 1, set: { net: 1, uts: 2 }, container: container('other') },
    ]
    expect(drawn(people)).toEqual([
      'docker:hold 1 A private in hold pause',
      'docker:joined 1 A initial in hold',
      'docker:other 1 initial initial !net',
    ])
  })
})

describe('the letters of a matrix', () => {
  it('go on after Z', () => {
    const sets = Array.from({ length: 703 }, (_, i) => ({ net: 1000 + i }))
    const letters = lettersOf(sets, () => true)
    const at = (i: number) => letters.get(1000 + i)
    expect([0, 25, 26, 51, 52, 701, 702].map(at)).toEqual(['A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA'])
  })
})
