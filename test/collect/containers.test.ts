import { describe, expect, it } from 'vitest'
import { addContainers } from '../../src/collect/add-containers.ts'
import { collectContainers } from '../../src/collect/containers.ts'
import type { Host } from '../../src/host/port.ts'
import type { Errno } from '../../src/kernel/errno.ts'
import { containerLabel } from '../../src/model/container-label.ts'
import { isOwnedEvidence } from '../../src/model/container-owner.ts'
import type { FileBelow, FileContent } from '../../src/model/inside.ts'
import { NEEDS } from '../../src/model/need.ts'
import { ask, askNamed } from '../support/ask.ts'
import { ENGINES, type FixtureHost, fixtureHost } from '../support/fixture-host.ts'

/** The host with answers of the test's in place of files. */
function answering(
  answer: (file: FileBelow, real: FileContent | Errno) => FileContent | Errno,
): FixtureHost {
  const host = fixtureHost('two-containers')
  const readFiles = async (files: readonly FileBelow[]) => {
    const real = (await host.readFiles?.(files)) ?? []
    return files.map((file, i) => answer(file, real[i] as FileContent | Errno))
  }
  return { ...host, readFiles }
}

async function labels(host: Host, pids: readonly number[]): Promise<Record<number, string | null>> {
  const { of } = await collectContainers(host, pids)
  return Object.fromEntries([...of].map(([pid, one]) => [pid, one && containerLabel(one)]))
}

describe.each(ENGINES)('over the %s engine', (engine) => {
  it('processes are told their containers, and those in none', async () => {
    const host = fixtureHost('two-containers', { engine })
    expect(await labels(host, [1, 500, 1100, 1101, 1300, 1999, 4711])).toEqual({
      ...{ 1: 'unit:init.scope', 500: 'unit:docker.service', 1100: 'docker:web' },
      ...{ 1101: 'docker:web', 1300: 'docker:77b1d0e2f3a4', 1999: null },
    })
  })
})

describe('what is read', () => {
  it('is shared by the processes of a container', async () => {
    const { of } = await collectContainers(fixtureHost('two-containers'), [1100, 1101, 1300])
    expect(of.get(1100)).toBe(of.get(1101))
    expect(of.get(1100)).not.toBe(of.get(1300))
  })

  it('is each file once, in one call a round', async () => {
    const calls: string[][] = []
    const host = fixtureHost('two-containers')
    const readFiles = async (files: readonly FileBelow[]) => {
      calls.push(files.map(({ root, path }) => `${root}/${path}`))
      return (await host.readFiles?.(files)) ?? []
    }
    await collectContainers({ ...host, readFiles }, [1, 500, 1100, 1101, 1300])
    expect(calls).toHaveLength(1)
    expect(new Set(calls[0]).size).toBe(calls[0]?.length)
  })

  const CLAIMED = 'ab'.repeat(32)
  const CONMON = `conmon\0-c\0${CLAIMED}\0-b\0/s/vfs-containers/${CLAIMED}/userdata\0`

  it("is root's before that of others, who may make it hang", async () => {
    const roots: string[] = []
    const host = fixtureHost('two-containers')
    const readProcesses: FixtureHost['readProcesses'] = (pids, request) =>
      host.readProcesses(pids, request).map((texts, i) => ({
        ...texts,
        cmdline: pids[i] === 1999 ? Buffer.from(CONMON) : texts.cmdline,
        status: pids[i] === 1999 ? Buffer.from('\nUid:\t7\t7\t7\t7\n') : texts.status,
      }))
    const readFiles = async (files: readonly FileBelow[]) => {
      roots.push(...files.map(({ root }) => root.replace(/.*\/proc\//, '')))
      return (await host.readFiles?.(files)) ?? []
    }
    await collectContainers({ ...host, readProcesses, readFiles }, [2000, 1100])
    expect(roots).toContain('1999/root')
    expect(roots.indexOf('1999/root')).toBeGreaterThan(roots.lastIndexOf('1000/root'))
  })

  it('is nothing of a process that has been read: its cgroup, and that it is the same', async () => {
    const host = fixtureHost('two-containers')
    const { processes } = ask(host).snapshot
    host.procfs.calls.length = 0
    await collectContainers(host, [1100], processes)
    expect(host.procfs.calls.filter((call) => call.includes(' 1100/'))).toEqual([
      'bytes 1100/stat',
      'bytes 1100/cgroup',
    ])
    expect(host.procfs.calls.filter((call) => call.includes(' 1/'))).toEqual([
      ...['bytes 1/stat', 'bytes 1/status', 'head 1/cmdline'],
    ])
  })

  it('is not of another process by now', async () => {
    const host = fixtureHost('two-containers')
    const { processes } = ask(host).snapshot
    const older = processes.map((process) => ({ ...process, startTicks: '7' }))
    expect((await collectContainers(host, [1100], older)).of.has(1100)).toBe(false)
  })

  it('is nothing of a parent that is younger than its child', async () => {
    const files = {
      '1000/stat': Buffer.from(`1000 (x) S 1 ${'0 '.repeat(17)}99999 ${'0 '.repeat(9)}`),
    }
    const host = fixtureHost('two-containers', { files })
    const { of } = await collectContainers(host, [1100])
    expect(of.get(1100)?.evidence.map(({ kind }) => kind)).toEqual(['cgroup'])
  })

  it('leaves unknown what a parent that cannot be read would have told', async () => {
    const faults = [{ call: 'bytes', path: '1/stat', errno: 'EPERM' }] as const
    const host = fixtureHost('two-containers', { faults })
    const { of, gaps } = await collectContainers(host, [1999, 1100])
    expect(of.has(1999)).toBe(false)
    expect(of.get(1100)).toMatchObject({ name: 'web' })
    expect(gaps).toEqual([{ source: 'containers', errno: 'EPERM', count: 1, pids: [1] }])
  })
})

describe('a name', () => {
  it('that may not be read is one gap, and the number is shown', async () => {
    const host = answering(() => 'EACCES')
    const { of, gaps } = await collectContainers(host, [1100, 1101, 1300])
    expect(of.get(1100)).toMatchObject({
      name: null,
      unknown: ['name', 'image', 'compose'],
    })
    expect(await labels(host, [1100])).toEqual({ 1100: 'docker:3f2a9c0b1d4e' })
    expect(gaps).toEqual([
      { source: 'containers', errno: 'EACCES', count: 3, pids: [1100, 1101, 1300] },
    ])
  })

  it.each([
    ["of another user's file is not believed", { uid: 1000 }],
    ['of a file that is cut short is not, either', { cut: true }],
  ])('%s', async (_, more) => {
    const host = answering((_file, real) =>
      typeof real === 'string' ? real : { ...real, ...more },
    )
    expect(await labels(host, [1100])).toEqual({ 1100: 'docker:3f2a9c0b1d4e' })
  })

  it('needs somebody who reads files', async () => {
    const host = { ...fixtureHost('two-containers'), readFiles: null }
    const { snapshot } = ask(host as unknown as FixtureHost)
    const { coverage, processes } = await addContainers(host, snapshot)
    expect(coverage.sources).toContainEqual({ name: 'containers', state: 'partial' })
    expect(coverage.complete).toBe(false)
    const web = processes.find(({ pid }) => pid === 1100)?.container
    expect(web).toMatchObject({ name: null, unknown: ['name', 'image', 'compose'] })
  })
})

describe('the owner of a cgroup', () => {
  const ID = '77b1d0e2f3a4'.padEnd(64, '5')
  const readable = (uid: number) =>
    answering(({ path }) => {
      const text = path.endsWith('config.v2.json') ? JSON.stringify({ ID, Name: '/mine' }) : '{}'
      const owner = path.includes('sys/fs/cgroup') ? uid : 0
      return { bytes: Buffer.from(text), cut: false, uid: owner, gid: 0, mode: 0o644 }
    })
  const cgroup = Buffer.from(`4:memory:/docker/${ID}\n`)
  const alone = (host: FixtureHost): FixtureHost => ({
    ...host,
    readProcesses: (pids, request) =>
      host.readProcesses(pids, request).map((texts, i) => ({
        ...texts,
        cgroup: texts.cgroup && cgroup,
        cmdline: pids[i] === 1200 ? Buffer.from('sh\0') : texts.cmdline,
      })),
  })

  it('is who could have made it up', async () => {
    const { of } = await collectContainers(alone(readable(0)), [1300])
    expect(of.get(1300)).toMatchObject({ id: ID, name: 'mine' })
    expect(isOwnedEvidence(of.get(1300) as never, 1000)).toBe(true)
  })

  it("that is a user's own keeps root's files from being believed", async () => {
    const { of } = await collectContainers(alone(readable(12345)), [1300])
    expect(of.get(1300)).toMatchObject({ id: ID, name: null })
    expect(isOwnedEvidence(of.get(1300) as never, 0)).toBe(false)
    expect(isOwnedEvidence(of.get(1300) as never, 12345)).toBe(true)
  })
})

it('nothing is read of containers that nobody asks for', async () => {
  const host = fixtureHost('two-containers')
  const readFiles = () => Promise.reject(new Error('files were read'))
  const needs = new Set(NEEDS.filter((need) => need !== 'container'))
  const { snapshot } = await askNamed({ ...host, readFiles }, { needs })
  expect(host.procfs.calls.filter((call) => /^(?:bytes|head) .*\/cgroup$/.test(call))).toEqual([])
  expect(snapshot.coverage.sources).toContainEqual({ name: 'containers', state: 'notAsked' })
})

it('the cgroups of a listed process are read in the one visit to it', async () => {
  const host = fixtureHost('two-containers')
  const { snapshot } = await askNamed(host)
  const calls = host.procfs.calls.filter((call) => /^bytes 1100\/(?:stat|cgroup)$/.test(call))
  expect(calls).toEqual(['bytes 1100/stat', 'bytes 1100/cgroup'])
  const web = snapshot.processes.find(({ pid }) => pid === 1100)?.container
  expect(web?.name).toBe('web')
})

it('the Snapshot has what its processes are in, and is equal to itself after JSON', async () => {
  const host = fixtureHost('two-containers')
  const snapshot = await addContainers(host, ask(host).snapshot)
  expect(snapshot.processes.map(({ pid, container }) => [pid, container?.name ?? null])).toEqual([
    [1, 'init.scope'],
    [500, 'docker.service'],
    [1100, 'web'],
    [1300, null],
  ])
  expect(snapshot.coverage).toMatchObject({ complete: true, gaps: [] })
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
})
