import { collectNamedList } from '../../src/collect/list.ts'
import { collectPopulation } from '../../src/collect/population.ts'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import type { BranchTarget } from '../../src/model/branch-target.ts'
import type { Population } from '../../src/model/population.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { leadersOf, type Matrix, matrixOf } from '../../src/query/matrix/matrix.ts'
import { nsSetsOf } from '../../src/query/ns-sets.ts'
import { type Branch, branchOf } from '../../src/query/tree/branch.ts'
import type { NamespaceTree } from '../../src/query/tree/namespace-tree.ts'
import type { ProcessTree } from '../../src/query/tree/process-tree.ts'
import type { TreeOrder } from '../../src/query/tree/tree-question.ts'
import { TREES } from '../../src/query/tree/trees.ts'
import { NOW } from './ask.ts'
import type { FixtureHost } from './fixture-host.ts'
import type { Named } from './inspect.ts'

export interface Asked {
  readonly types?: readonly NsType[]
  readonly target?: Named
}

interface Answer<View> {
  readonly population: Population
  readonly view: View
}

const CMDLINE_BYTES = 128 * 1024

/** `nsx tree --by ORDER [TARGET]` of a machine. */
export async function treeOf<Order extends TreeOrder>(
  host: FixtureHost,
  by: Order,
  asked: Asked = {},
): Promise<Answer<Order extends 'process' ? ProcessTree : NamespaceTree>> {
  const able = by === 'parent' ? (['pid', 'user'] as const) : NS_TYPE_NAMES
  const question = { by, types: new Set<NsType>(asked.types ?? able) }
  const tree = TREES[by]
  const { closely } = tree
  const { snapshot } = await collectNamedList(host, {
    ...{ selection: tree.selection(question), task: null, ...tree.reading },
    ...{ cmdlineBytes: CMDLINE_BYTES, uid: host.procfs.uid, now: NOW },
  })
  const whole = { ...question, branch: branchAt(asked.target, snapshot, question) }
  const population = await collectPopulation(host, snapshot, {
    ...{ allContainers: false, cmdlineBytes: CMDLINE_BYTES },
    closely: closely && ((placed) => closely(placed, whole)),
  })
  const view = tree.view(population, whole)
  return { population, view: view as Order extends 'process' ? ProcessTree : NamespaceTree }
}

/** `nsx matrix [TARGET]` of a machine. */
export async function matrixOfHost(
  host: FixtureHost,
  { types = NS_TYPE_NAMES, target }: Asked = {},
): Promise<Answer<Matrix>> {
  const { snapshot } = await collectNamedList(host, {
    selection: { types: new Set(types), only: null, persistent: false },
    ...{ task: null, needs: new Set(['members', 'relatives'] as const) },
    ...{ descriptors: false, sockets: false, cmdlineBytes: 0 },
    ...{ uid: host.procfs.uid, now: NOW },
  })
  const branch = branchAt(target, snapshot, { by: 'process', types: new Set(types) })
  const question = { types: new Set(types), only: branch && [branch] }
  const population = await collectPopulation(host, snapshot, {
    ...{ allContainers: true, cmdlineBytes: CMDLINE_BYTES },
    closely: (placed) => leadersOf(placed, question),
  })
  return { population, view: matrixOf(population, question) }
}

function branchAt(
  target: Named | undefined,
  snapshot: Snapshot,
  question: { by: TreeOrder; types: ReadonlySet<NsType> },
): Branch | null {
  if (target === undefined) return null
  return branchOf(found(target, snapshot), snapshot, question)
}

function found(target: Named, snapshot: Snapshot): BranchTarget {
  const text = String(target)
  if (typeof target === 'number') {
    const set = nsSetsOf(snapshot).get(target) ?? {}
    return { kind: 'task', text, pid: target, inums: new Set(Object.values(set)) }
  }
  const [, type, inum] = /^([a-z]+):\[(\d+)\]$/.exec(target) ?? []
  return {
    ...{ kind: 'namespace', text, inum: Number(inum), id: null, path: false },
    type: type as NsType,
  }
}
