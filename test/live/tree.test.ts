import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import type { NamespaceNode, NamespaceTree } from '../../src/query/tree/namespace-tree.ts'
import type { ProcessNode, ProcessTree } from '../../src/query/tree/process-tree.ts'
import { faultsOf } from '../support/schemas.ts'
import { startRunc } from './support/containers.ts'
import { lsnsColumns } from './support/lsns.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { type NsxOptions, runNsx } from './support/nsx.ts'
import { publicPackage } from './support/package.ts'
import { attempt, inumOf, parentOf, pids } from './support/proc.ts'
import { runOnTerminal } from './support/terminal.ts'
import { endUnshared, unshared } from './support/unshared.ts'
import { hold, releaseAll } from './support/zoo.ts'

const able =
  requireRoot() &&
  requireAddon() &&
  ['cc', 'unshare', 'lsns', 'runc', 'script', 'stty', 'env'].every(requireCommand)

afterEach(async () => {
  await endUnshared()
  await releaseAll()
})

async function treeOf<Tree>(words: readonly string[], options?: NsxOptions): Promise<Tree> {
  const { stdout, stderr, code } = await runNsx(['tree', '--json', ...words], options)
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  const document = JSON.parse(stdout)
  expect(faultsOf('tree', document)).toEqual([])
  return document
}

interface Placed {
  readonly node: NamespaceNode
  readonly above: number | null
}

/** All namespaces of a tree by inode, each with the one above it. */
function placesOf({ namespaces, unplaced }: NamespaceTree): Map<number, Placed> {
  const places = new Map<number, Placed>()
  const add = (nodes: readonly NamespaceNode[], above: number | null): void => {
    for (const node of nodes) {
      expect(places.has(node.ns.inum), `${node.ns.inum} twice`).toBe(false)
      places.set(node.ns.inum, { node, above })
      add([...node.owned, ...node.children], node.ns.inum)
    }
  }
  add([...namespaces, ...unplaced], null)
  return places
}

/** NS, TYPE, PNS and ONS of lsns(8); 0: it does not know. */
function lsnsRows(): { inum: number; type: string; parent: number; owner: number }[] {
  return lsnsColumns('NS', 'TYPE', 'PNS', 'ONS').map(([ns, type = '', parent, owner]) => ({
    ...{ inum: Number(ns), type, parent: Number(parent), owner: Number(owner) },
  }))
}

describe.runIf(able)('tree', () => {
  it('has by owner what lsns(8) says of owners and parents', async () => {
    const outer = await unshared('-U', '-r', '-n', '-p', '--fork')
    const rows = lsnsRows()
    const places = placesOf(await treeOf<NamespaceTree>([]))
    const user = inumOf(outer.pid, 'user')
    expect(places.get(user)?.above).toBe(inumOf('self', 'user'))
    expect(places.get(inumOf(outer.pid, 'net'))?.above).toBe(user)
    expect(places.get(inumOf(outer.pid, 'pid'))?.above).toBe(user)
    let compared = 0
    for (const { inum, type, parent, owner } of rows) {
      const place = places.get(inum)
      // Others come and go beside us.
      if (!place) continue
      compared++
      expect(place.above ?? 0, `${type} ${inum}`).toBe(type === 'user' ? parent : owner)
    }
    expect(compared).toBeGreaterThan(10)
  })

  it('has by parent what lsns(8) says, and pids at every level', async () => {
    const outer = await unshared('-U', '-r', '-p', '--fork')
    const inner = await unshared('-p', '--fork', '--', 'unshare', '-p', '--fork')
    const places = placesOf(await treeOf<NamespaceTree>(['--by', 'parent']))
    for (const { inum, type, parent } of lsnsRows()) {
      const place = places.get(inum)
      if (place) expect(place.above ?? 0, `${type} ${inum}`).toBe(parent)
    }
    for (const { pid } of [outer, inner]) {
      const members = places.get(inumOf(pid, 'pid'))?.node.members ?? []
      expect(members.map((member) => [member.pid, member.nsPids])).toEqual([[pid, nsPidsOf(pid)]])
    }
    expect(nsPidsOf(inner.pid)).toHaveLength(3)
    const { stdout } = await runNsx(['tree', '--by', 'parent', String(inner.pid)])
    expect(stdout).toContain(`└─${nsPidsOf(inner.pid).join(' → ')} `)
  })

  it('has by process what /proc says of who is elsewhere than its parent', async () => {
    const { pid } = await unshared('-n', '-u', '-U', '-r')
    const before = changesOf()
    const { processes } = await treeOf<ProcessTree>(['--by', 'process'])
    const after = changesOf()
    const nodes = nodesOf(processes)
    let compared = 0
    for (const [each, change] of before) {
      // What has changed or ended meanwhile is not to be compared.
      if (after.get(each) !== change || change.includes('?')) continue
      compared++
      const node = nodes.get(each)
      const told = Object.entries(node?.changed ?? {}).map(([type, ns]) => `${type} ${ns.inum}`)
      expect(told.join(), `process ${each}`).toBe(change)
    }
    expect(compared).toBeGreaterThan(10)
    expect(Object.keys(nodes.get(pid)?.changed ?? {})).toEqual(['net', 'uts', 'user'])
    const all = [...nodes.values()]
    const folded = all.reduce((sum, { folded: f }) => sum + f.unchanged + f.uncompared, 0)
    // All processes, but for those that come and go beside us.
    expect(Math.abs(folded + all.length - pids().length)).toBeLessThan(30)
  })

  it('names containers, and has the branch of one by its name', { timeout: 120_000 }, async () => {
    const box = await startRunc()
    try {
      const tree = await treeOf<NamespaceTree>([`runc:${box.id}`])
      const places = placesOf(tree)
      for (const type of NS_TYPE_NAMES) {
        const place = places.get(inumOf(box.pid, type))
        expect(place?.node.targeted, type).toBe(true)
      }
      const net = places.get(inumOf(box.pid, 'net'))?.node
      expect(net?.container?.label).toBe(`runc:${box.id}`)
      const others = [...places.values()].filter(({ node }) => !node.targeted)
      expect(others).toEqual([])
      const { processes } = await treeOf<ProcessTree>(['--by', 'process', String(box.pid)])
      const node = nodesOf(processes).get(box.pid)
      expect(node).toMatchObject({ targeted: true, container: { label: `runc:${box.id}` } })
    } finally {
      await box.stop()
    }
  })

  it('says what holds a namespace without processes', async () => {
    const held = await hold('ancestor')
    const { node } = placesOf(await treeOf<NamespaceTree>([`user:[${held.inum}]`])).get(
      held.inum,
    ) as Placed
    expect(node).toMatchObject({ processCount: 0, leader: null, targeted: true })
    expect(node.heldBy).toMatch(/^1 child/)
    expect(node.children).toMatchObject([{ ns: { inum: held.inner } }])
    const { stdout } = await runNsx(['tree', `user:[${held.inum}]`])
    expect(stdout).toMatch(new RegExp(`user:\\[${held.inum}\\] .* held by 1 child`))
  })

  it.each([
    ['owner', 'nsfs tells nobody but whoever may open it'],
    ['parent', 'the same'],
    ['process', 'links of others cannot be read'],
  ])('by %s is as the schema has it for an ordinary user, too', async (by) => {
    await unshared('-n', '-U', '-r')
    const options = { uid: 1000, root: publicPackage().root }
    await treeOf(['--by', by], options)
    const { stdout, stderr, code } = await runNsx(['tree', '--by', by], options)
    expect(code).toBe(0)
    expect(stdout.split('\n').length).toBeGreaterThan(2)
    expect(stderr).toMatch(/^nsx: .*could not be read.*\n$/)
    expect((await runNsx(['tree', '--by', by, '--strict'], options)).code).toBe(5)
  })

  it.each(['owner', 'parent', 'process'])('by %s fits on a terminal', async (by) => {
    const held = await unshared('-U', '-r', '-n', '-m', '-p', '--fork')
    for (const columns of [80, 120]) {
      const { lines, code } = await runOnTerminal(['tree', '--by', by], { columns })
      expect(code).toBe(0)
      const plain = lines.map((line) => line.replace(/\u001b\[[0-9;]*m/g, ''))
      for (const line of plain) expect(line.length, line).toBeLessThanOrEqual(columns)
      expect(plain.join('\n')).toContain(
        String(by === 'process' ? held.pid : inumOf(held.pid, 'user')),
      )
    }
  })
})

function nsPidsOf(pid: number): number[] {
  const line = /^NSpid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''
  return line.split('\t').map(Number)
}

function nodesOf(roots: readonly ProcessNode[]): Map<number, ProcessNode> {
  const nodes = new Map<number, ProcessNode>()
  const add = (node: ProcessNode): void => {
    nodes.set(node.pid, node)
    for (const child of node.children) add(child)
  }
  for (const root of roots) add(root)
  return nodes
}

/** The oracle: of each process with a parent the types that differ, `?` where that cannot be told. */
function changesOf(): Map<number, string> {
  const changes = new Map<number, string>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    const parent = pid > 0 ? attempt(() => parentOf(pid)) : null
    if (!parent) continue
    const parts = NS_TYPE_NAMES.map((type) => {
      const own = linkOf(pid, type)
      const above = linkOf(parent, type)
      if (own === null || above === null) return '?'
      return own === above ? '' : `${type} ${/\d+/.exec(own)?.[0]}`
    })
    changes.set(pid, parts.filter((part) => part !== '').join())
  }
  return changes
}

function linkOf(pid: number, type: string): string | null {
  return attempt(() => readlinkSync(`/proc/${pid}/ns/${type}`))
}
