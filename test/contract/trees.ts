import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { TREE_ORDERS, type TreeOrder } from '../../src/query/tree/tree-question.ts'
import { matrixDocument } from '../../src/render/matrix-document.ts'
import { treeDocument } from '../../src/render/tree-document.ts'
import { type FixtureOptions, fixtureHost } from '../support/fixture-host.ts'
import { MACHINES, type Machine } from '../support/fixture-procfs.ts'
import type { Named } from '../support/inspect.ts'
import { type Asked, matrixOfHost, treeOf } from '../support/population.ts'
import { plain, type Sample } from './documents.ts'

/** Files of processes that cannot be read. */
const CLOSED: FixtureOptions = {
  faults: [
    { call: 'bytes', path: /^\d+\/status$/, errno: 'EACCES' },
    { call: 'head', path: /cmdline$/, errno: 'EACCES' },
    { call: 'bytes', path: /cgroup$/, errno: 'EACCES' },
  ],
}

async function tree(
  machine: Machine,
  by: TreeOrder,
  { options, ...asked }: Asked & { readonly options?: FixtureOptions } = {},
): Promise<Sample> {
  const { population, view } = await treeOf(fixtureHost(machine, options), by, asked)
  const { target = null, types } = asked
  const document = treeDocument(population.snapshot, view, target === null ? null : String(target))
  const name = [machine, `by ${by}`, target, types, options && JSON.stringify(options)]
  return { name: name.filter(Boolean).join(', '), document: plain(document) }
}

const BRANCHES: readonly (readonly [Machine, TreeOrder, Named])[] = [
  ['two-containers', 'owner', 1100],
  ['two-containers', 'parent', 1100],
  ['two-containers', 'process', 1100],
  ['two-containers', 'process', 'net:[4026532305]'],
  ['nested-user', 'owner', 'user:[4026532501]'],
  ['nested-user', 'parent', 'user:[4026532501]'],
  ['nested-user', 'process', 3200],
]

export const TREES: readonly Sample[] = await Promise.all([
  ...MACHINES.flatMap((machine) => TREE_ORDERS.map((by) => tree(machine, by))),
  ...BRANCHES.map(([machine, by, target]) => tree(machine, by, { target })),
  ...TREE_ORDERS.flatMap((by) => [
    tree('nested-user', by, { options: { nsfs: false } }),
    tree('two-containers', by, { options: CLOSED }),
  ]),
  tree('pinned-net', 'owner', { types: ['net'] }),
])

async function matrix(
  machine: Machine,
  { options, ...asked }: Asked & { readonly options?: FixtureOptions } = {},
): Promise<Sample> {
  const { population, view } = await matrixOfHost(fixtureHost(machine, options), asked)
  const { target, types = NS_TYPE_NAMES } = asked
  const targets = target === undefined ? [] : [String(target)]
  const document = plain(matrixDocument(population.snapshot, view, targets))
  const name = [machine, target, types, options && JSON.stringify(options)]
  return { name: name.filter(Boolean).join(', '), document }
}

export const MATRICES: readonly Sample[] = await Promise.all([
  ...MACHINES.map((machine) => matrix(machine)),
  matrix('two-containers', { target: 1100 }),
  matrix('two-containers', { target: 'net:[4026532305]', types: ['net', 'ipc'] }),
  matrix('nested-user', { options: { nsfs: false } }),
  matrix('two-containers', { options: CLOSED }),
])
