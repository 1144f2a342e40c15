import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { resolveTarget } from '../../src/collect/resolve-target.ts'
import { readSubject } from '../../src/collect/subject.ts'
import { openHost } from '../../src/host/open.ts'
import type { ContainerCandidate } from '../../src/model/target.ts'
import { pickContainer } from '../../src/query/match-container.ts'
import { parseTarget } from '../../src/query/parse-target.ts'
import { PROJECT } from './support/children.ts'
import { startBwrap } from './support/containers.ts'
import { requireCommand, requireRoot } from './support/needs.ts'
import { startProbers } from './support/pairs.ts'
import { inumOf } from './support/proc.ts'
import { hold, releaseAll } from './support/zoo.ts'

const { host } = openHost(PROJECT, undefined)
const canHold = requireRoot() && requireCommand('cc')

afterEach(releaseAll)

function candidate(name: string, pids: readonly number[]): ContainerCandidate {
  const nothing = { id: null, image: null, pod: null, compose: null, outer: null }
  const container = {
    ...({ family: 'bwrap', kind: 'sandbox', name, evidence: [], unknown: [] } as const),
    ...nothing,
  }
  return { container, label: `bwrap:${name}`, pids }
}

const resolve = (text: string, candidates: readonly ContainerCandidate[] = []) =>
  resolveTarget(host, parseTarget(text), {
    list: async () => candidates,
    pick: pickContainer,
  })

const startTicks = (pid: number) =>
  readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')[19]

describe('a target', () => {
  test('of a process costs no look at containers', async () => {
    const target = parseTarget(String(process.pid))
    const list = () => Promise.reject(new Error('asked'))
    expect(await resolveTarget(host, target, { list, pick: pickContainer })).toEqual({
      ...{ kind: 'task', pid: process.pid, startTicks: startTicks(process.pid), container: null },
    })
    expect(await resolve('self')).toMatchObject({ pid: process.pid })
  })

  test('that leads to a namespace says which', async () => {
    const net = inumOf('self', 'net')
    expect(await resolve(`/proc/self/ns/net`)).toMatchObject({
      ...{ kind: 'namespace', inum: net, type: 'net', id: expect.stringMatching(/^\d+$/) },
    })
    expect(await resolve(`net:[${net}]`)).toMatchObject({ inum: net, id: null, type: 'net' })
    const bare = { kind: 'namespace', inum: null, type: null, file: null }
    expect(await resolve('id:5')).toEqual({ ...bare, id: '5' })
  })

  test.each([
    ['4194303', 'no-such-process'],
    ['/dev/null', 'no-such-namespace'],
    ['nobody', 'no-such-container'],
    ['7@nobody', 'no-such-container'],
  ])('%s that is not there is an error %s', async (text, code) => {
    await expect(resolve(text)).rejects.toMatchObject({ details: { code, exitCode: 3 } })
  })

  test('of a container that has ended meanwhile is an error', async () => {
    await expect(resolve('box', [candidate('box', [4194303])])).rejects.toMatchObject({
      details: { code: 'no-such-container', exitCode: 3 },
    })
  })

  test.runIf(requireCommand('bwrap') && requireRoot())(
    'of a container is its topmost process, and 2@ its second',
    async () => {
      const { pid, payload, stop } = await startBwrap()
      try {
        const box = candidate('box', [payload, pid].sort())
        expect(await resolve('box', [box])).toMatchObject({ kind: 'task', pid, container: box })
        expect(await resolve('1@bwrap:box', [box])).toMatchObject({ pid })
        expect(await resolve('2@box', [box])).toMatchObject({ pid: payload })
        // Though only its topmost process be known to belong to it.
        expect(await resolve('2@box', [candidate('box', [pid])])).toMatchObject({ pid: payload })
        await expect(resolve('77@box', [box])).rejects.toMatchObject({
          ...{ message: 'bwrap:box sees no process 77', details: { exitCode: 3 } },
        })
      } finally {
        await stop()
      }
    },
  )

  test.runIf(canHold)(
    'in a PID namespace below that of the container has a pid there too',
    async () => {
      const { pids, stop } = await startProbers(['pid', 'join:pid:0 pid'])
      try {
        const [outer = 0, inner = 0] = pids
        const seen = readSubject(host, inner).nsPids
        expect(seen).toEqual([inner, expect.any(Number), 1])
        const box = [candidate('box', [outer]), candidate('nested', [inner])]
        expect(await resolve(`${seen[1]}@box`, box)).toMatchObject({ pid: inner })
        expect(await resolve('1@nested', box)).toMatchObject({ pid: inner })
        expect(await resolve('1@box', box)).toMatchObject({ pid: outer })
      } finally {
        await stop()
      }
    },
  )

  test.runIf(canHold)('in the PID namespace of us all is the pid itself', async () => {
    const { pid } = await hold('process', 'uts')
    expect(await resolve(`${process.pid}@box`, [candidate('box', [pid])])).toMatchObject({
      pid: process.pid,
    })
  })
})
