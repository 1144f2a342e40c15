import { describe, expect, it } from 'vitest'
import { collectPopulation } from '../../src/collect/population.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { ask } from '../support/ask.ts'
import { type FixtureHost, fixtureHost } from '../support/fixture-host.ts'

const CMDLINE = { cmdlineBytes: 4096, allContainers: false }

function members(host: FixtureHost): Snapshot {
  return ask(host, { needs: new Set(['members']), descriptors: false, sockets: false }).snapshot
}

describe('a population', () => {
  it('has a place for every process, and a closer look at those asked for', async () => {
    const host = fixtureHost('two-containers')
    const closely = () => [1101, 1100]
    const population = await collectPopulation(host, members(host), { ...CMDLINE, closely })
    expect(population.placed.map(({ pid, ppid }) => [pid, ppid])).toContainEqual([1101, 1100])
    expect(population.placed.find(({ pid }) => pid === 1101)?.nsPids).toEqual([1101, 29])
    expect(population.snapshot.processes.map(({ pid, args }) => [pid, args?.[0]])).toEqual([
      [1100, expect.stringMatching(/^nginx/)],
      [1101, expect.stringMatching(/^nginx/)],
    ])
    expect(population.containers[1100]).toMatchObject({ name: 'web' })
    expect(Object.keys(population.containers)).toEqual(['1100', '1101'])
    expect(JSON.parse(JSON.stringify(population))).toEqual(population)
  })

  it('tells of all processes what they are in, where that is asked for', async () => {
    const host = fixtureHost('two-containers')
    const request = { ...CMDLINE, allContainers: true, closely: () => [] }
    const { containers, placed } = await collectPopulation(host, members(host), request)
    expect(Object.keys(containers)).toHaveLength(placed.length)
    // Processes of one container have one object.
    expect(containers[1101]).toBe(containers[1100])
    expect(containers[2000]).toBeNull()
  })

  it('is the Snapshot alone where nothing more is asked for', async () => {
    const host = fixtureHost('two-containers')
    const snapshot = members(host)
    const before = host.procfs.calls.length
    const population = await collectPopulation(host, snapshot, { ...CMDLINE, closely: null })
    expect(population).toMatchObject({ snapshot, placed: [], containers: {} })
    expect(host.procfs.calls.slice(before).filter((call) => /\/(stat|status)$/.test(call))).toEqual(
      [],
    )
    expect(population.initial).toHaveLength(8)
  })

  it('leaves out who is gone, and counts who could not be read', async () => {
    const faults = [
      { call: 'bytes', path: '1101/stat', errno: 'ENOENT' },
      { call: 'bytes', path: '1300/stat', errno: 'EACCES' },
    ] as const
    const host = fixtureHost('two-containers', { faults })
    const closely = () => [1100, 1101, 1300]
    const { placed, snapshot } = await collectPopulation(
      host,
      members(fixtureHost('two-containers')),
      {
        ...CMDLINE,
        closely,
      },
    )
    const pids = placed.map(({ pid }) => pid)
    expect(pids).toContain(1100)
    expect(pids).not.toContain(1101)
    expect(pids).not.toContain(1300)
    expect(snapshot.processes.map(({ pid }) => pid)).toEqual([1100])
    expect(snapshot.coverage).toMatchObject({
      complete: false,
      gaps: expect.arrayContaining([
        { source: 'processes', errno: 'EACCES', count: 1, pids: [1300] },
      ]),
    })
  })

  it('takes no process for one whose pid was used again', async () => {
    const host = fixtureHost('two-containers')
    let asked = 0
    const readProcesses: typeof host.readProcesses = (pids, request) => {
      const texts = host.readProcesses(pids, request)
      // The second look finds another process.
      return asked++ === 0 ? texts : texts.map((text) => ({ ...text, stat: stat(pids[0] ?? 0) }))
    }
    const { snapshot } = await collectPopulation({ ...host, readProcesses }, members(host), {
      ...CMDLINE,
      closely: () => [1100],
    })
    expect(snapshot.processes).toEqual([])
  })
})

function stat(pid: number): Buffer {
  return Buffer.from(`${pid} (x) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 99 0 0\n`)
}
