import { describe, it } from 'vitest'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import type { Container } from '../../src/model/container.ts'
import { matrixOf } from '../../src/query/matrix/matrix.ts'
import { TREE_ORDERS, type TreeOrder } from '../../src/query/tree/tree-question.ts'
import { renderMatrix } from '../../src/render/matrix.ts'
import { themeOf } from '../../src/render/theme.ts'
import { renderTreeView } from '../../src/render/tree.ts'
import { populationOf, type Someone } from '../query/tree/populations.ts'
import { fixtureHost } from '../support/fixture-host.ts'
import { MACHINES, type Machine } from '../support/fixture-procfs.ts'
import { type Asked, matrixOfHost, treeOf } from '../support/population.ts'
import { expectScreen } from '../support/screens.ts'

interface Look extends Asked {
  readonly width: number | null
  readonly unicode?: boolean
  readonly colorLevel?: 0 | 1
  readonly verbose?: boolean
}

const themeFor = ({ unicode = true, colorLevel = 0 }: Look) => themeOf({ unicode, colorLevel })

async function tree(machine: Machine, by: TreeOrder, look: Look): Promise<string> {
  const { view } = await treeOf(fixtureHost(machine), by, look)
  const most = look.width === null ? null : 5
  return renderTreeView(view, { width: look.width, theme: await themeFor(look), most })
}

async function matrix(machine: Machine, look: Look): Promise<string> {
  const { view } = await matrixOfHost(fixtureHost(machine), look)
  const types = new Set<NsType>(look.types ?? NS_TYPE_NAMES)
  const { width, verbose = false } = look
  return renderMatrix(view, { width, theme: await themeFor(look), types, verbose })
}

const WIDTHS = [80, 120, null] as const
const nameOf = (width: number | null) => width ?? 'pipe'

describe.each(MACHINES)('the screen of %s', (machine) => {
  describe.each(TREE_ORDERS)('as a tree by %s', (by) => {
    it.each(WIDTHS)('at a width of %s', async (width) => {
      const name = `${machine}/tree-${by}-${nameOf(width)}`
      expectScreen(name, await tree(machine, by, { width }))
    })
  })

  it.each(WIDTHS)('as a matrix at a width of %s', async (width) => {
    expectScreen(`${machine}/matrix-${nameOf(width)}`, await matrix(machine, { width }))
  })
})

describe('the screen of a tree', () => {
  it.each(TREE_ORDERS)('in ASCII, by %s', async (by) => {
    const look = { width: 80, unicode: false }
    expectScreen(`nested-user/tree-${by}-ascii-80`, await tree('nested-user', by, look))
  })

  it('in sixteen colours', async () => {
    const look = { width: 80, colorLevel: 1, target: 1100 } as const
    expectScreen('two-containers/tree-colour-80', await tree('two-containers', 'owner', look))
  })

  it.each(TREE_ORDERS)('of the branch of a process, by %s', async (by) => {
    const look = { width: 80, target: 3200 }
    expectScreen(`nested-user/tree-${by}-3200-80`, await tree('nested-user', by, look))
  })
})

const POD = { name: 'shop', namespace: 'default', uid: '1' }

/** The containers of a pod, and one in none that is in the network of the host. */
const PODS: readonly Someone[] = [
  { pid: 1, ppid: 0, set: { net: 1, ipc: 2 } },
  { pid: 7, ppid: 1, set: { net: 101, ipc: 102 }, container: cri('front', { pod: POD }) },
  { pid: 8, ppid: 1, set: { net: 101, ipc: 103 }, container: cri('back', { pod: POD }) },
  {
    ...{ pid: 9, ppid: 1, set: { net: 101, ipc: 102 } },
    container: cri(null, { pod: POD, kind: 'sandbox' }),
  },
  { pid: 20, ppid: 1, set: { net: 1, ipc: 104 }, container: cri('alone', {}) },
]

function cri(name: string | null, more: Partial<Container>): Container {
  return {
    ...({ family: 'cri', kind: 'container', id: name, name, image: null, pod: null } as const),
    ...{ compose: null, outer: null, evidence: [], unknown: [], ...more },
  }
}

describe('the screen of a matrix', () => {
  it.each([80, null])('of pods at a width of %s', async (width) => {
    const types = new Set<NsType>(['net', 'ipc'])
    const view = matrixOf(populationOf(PODS), { types, only: null })
    const theme = await themeFor({ width })
    const text = await renderMatrix(view, { width, theme, types, verbose: false })
    expectScreen(`matrix-pods-${nameOf(width)}`, text)
  })

  it('of hostile names in ASCII', async () => {
    expectScreen('hostile/matrix-ascii-80', await matrix('hostile', { width: 80, unicode: false }))
  })

  it('that marks also what is usual', async () => {
    const look = { width: 100, verbose: true }
    expectScreen('two-containers/matrix-verbose-100', await matrix('two-containers', look))
  })

  it('of two types, of one process', async () => {
    const look = { width: 80, types: ['net', 'ipc'] as const, target: 1100 }
    expectScreen('two-containers/matrix-net-80', await matrix('two-containers', look))
  })

  it('in sixteen colours', async () => {
    const look = { width: 80, colorLevel: 1 } as const
    expectScreen('two-containers/matrix-colour-80', await matrix('two-containers', look))
  })
})
