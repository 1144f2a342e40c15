import { describe, expect, it } from 'vitest'
import { collectCaller } from '../../src/collect/caller.ts'
import { isChrooted } from '../../src/collect/chrooted.ts'
import { collectEnter } from '../../src/collect/enter.ts'
import { listContainers } from '../../src/collect/list-containers.ts'
import type { Host } from '../../src/host/port.ts'
import type { EnterRequest } from '../../src/model/enter-request.ts'
import type { ContainerCandidate, Target } from '../../src/model/target.ts'
import { pickContainer } from '../../src/query/match-container.ts'
import { parseTarget } from '../../src/query/parse-target.ts'
import { request } from '../query/enter/facts.ts'
import { fakeHost, statText } from '../support/fake-host.ts'
import { fixtureHost } from '../support/fixture-host.ts'

const askFor = (target: Target | null, changes: Partial<EnterRequest> = {}) =>
  request([], { target, ...changes })

describe('collectEnter', () => {
  it('finds the target of a pid, and how all namespaces are related', async () => {
    const host = fixtureHost('two-containers')
    const facts = await collectEnter(host, askFor(parseTarget('1100')), pickContainer)
    const { target, caller } = facts
    expect(target).toMatchObject({ name: 'pid 1100', thread: false, process: { pid: 1100 } })
    expect(target?.folder).toBe(host.procfs.path('1100'))
    const net = target?.inums.net as number
    expect(caller.kinship.owners.get(net)).toBe(4026531837)
    expect(caller.kinship.pidParents.get(target?.inums.pid as number)).toBe(4026531836)
    expect(caller.kernelIds).toBe(true)
  })

  it('acts on the name of a container whose evidence is root’s', async () => {
    const host = fixtureHost('two-containers')
    const label = await ownedLabel(host)
    const facts = await collectEnter(host, askFor(parseTarget(label)), pickContainer)
    expect(facts.target?.name).toBe(`${label} (pid ${facts.target?.subject.pid})`)
  })

  it('asks for a pid where another user could have made the container up', async () => {
    const host = fixtureHost('two-containers')
    const label = await ownedLabel(host)
    const forged = (...how: Parameters<typeof pickContainer>): ContainerCandidate => {
      const found = pickContainer(...how)
      const evidence = found.container.evidence.map((each) => ({ ...each, uid: 1000 }))
      return { ...found, container: { ...found.container, evidence } }
    }
    await expect(collectEnter(host, askFor(parseTarget(label)), forged)).rejects.toMatchObject({
      details: { code: 'forged-container', hint: expect.stringMatching(/nsx enter \d+$/) },
    })
  })

  it('refuses a container that the process is not of by the time it was read', async () => {
    const host = fixtureHost('two-containers')
    const label = await ownedLabel(host)
    const another = (...how: Parameters<typeof pickContainer>): ContainerCandidate => {
      const found = pickContainer(...how)
      return { ...found, container: { ...found.container, id: 'f'.repeat(64) } }
    }
    await expect(collectEnter(host, askFor(parseTarget(label)), another)).rejects.toMatchObject({
      details: { code: 'no-such-container' },
    })
  })

  it('tells where a namespace that was named by a process is', async () => {
    const host = fixtureHost('two-containers')
    const named = { from: 'named', target: parseTarget('1100') } as const
    const asked = askFor(null, { namespaces: new Map([['net', named]]) })
    const { named: sources, target } = await collectEnter(host, asked, pickContainer)
    expect(target).toBeNull()
    expect(sources.get('net')).toMatchObject({
      ...{ name: 'of pid 1100', path: host.procfs.path('1100/ns/net'), errno: null },
    })
  })

  it('tells whose a namespace is that was named by its number', async () => {
    const host = fixtureHost('two-containers')
    const named = { from: 'named', target: parseTarget('net:[4026532305]') } as const
    const asked = askFor(null, { namespaces: new Map([['net', named]]) })
    const { named: sources, caller } = await collectEnter(host, asked, pickContainer)
    expect(sources.get('net')).toMatchObject({ inum: 4026532305, id: '7305' })
    expect(sources.get('net')?.path).toMatch(/\/ns\/net$/)
    expect(caller.kinship.owners.get(4026532305)).toBe(4026531837)
  })

  it('refuses one of another type', async () => {
    const host = fixtureHost('two-containers')
    const named = { from: 'named', target: parseTarget('net:[4026532305]') } as const
    const asked = askFor(null, { namespaces: new Map([['uts', named]]) })
    await expect(collectEnter(host, asked, pickContainer)).rejects.toThrowError(
      'net:[4026532305] is net:[4026532305], which is no UTS namespace',
    )
  })
})

async function ownedLabel(host: Host): Promise<string> {
  const candidates = await listContainers(host)
  const owned = candidates.find(
    ({ container }) =>
      container.kind === 'container' && container.evidence.every(({ uid }) => uid === 0),
  )
  if (!owned) throw new Error('the machine has no container of root')
  return owned.label
}

const STATUS = [
  ...['Name:\tx', 'Tgid:\t7', 'Threads:\t1', 'Uid:\t5\t5\t5\t5', 'Gid:\t5\t5\t5\t5', 'Groups:\t'],
  ...['CapInh:\t0', 'CapPrm:\t0', 'CapEff:\t0', 'CapBnd:\t0', 'CapAmb:\t0', ''],
].join('\n')

function limits(soft: number, hard: number): string {
  return `Max open files            ${soft}                 ${hard}                files     \n`
}

/** A procfs with nsx itself as process 7. */
function machine(files: Record<string, string>, passwd?: string): Host {
  const all = {
    ...{ '7/stat': statText(7, 9), '7/status': STATUS, '7/cmdline': 'nsx\0' },
    ...{ '7/ns/user': 'user:[4026531837]', '7/uid_map': '0 0 4294967295\n' },
    ...files,
  }
  const content = { bytes: Buffer.from(passwd ?? ''), cut: false, uid: 0, gid: 0, mode: 0o644 }
  return fakeHost(all, {
    readerPid: 7,
    ...(passwd === undefined ? {} : { readFiles: async (asked) => asked.map(() => content) }),
  })
}

function withHead(host: Host): Host {
  Object.assign(host.procfs, { head: (path: string) => host.procfs.bytes(path) })
  return host
}

describe('collectCaller', () => {
  const callerOf = (files: Record<string, string>, passwd?: string) =>
    collectCaller(withHead(machine(files, passwd)))

  it('has the environment that it was started with, byte by byte', async () => {
    const { environment } = await callerOf({ '7/environ': 'SHELL=/bin/x\0B=\xff\0' })
    expect(environment).toEqual(['SHELL=/bin/x', 'B=\xff'])
  })

  it('knows the limit of open files before Node raised it, from its parent', async () => {
    const own = { '7/environ': 'SHELL=/x\0', '7/limits': limits(20000, 20000) }
    const raised = await callerOf({ ...own, '1/limits': limits(1024, 20000) })
    expect(raised.openFiles).toEqual({ soft: '1024', hard: '20000' })
    const same = await callerOf({ ...own, '1/limits': limits(20000, 20000) })
    expect(same.openFiles).toBeNull()
    const other = await callerOf({ ...own, '1/limits': limits(1024, 50000) })
    expect(other.openFiles).toBeNull()
    expect((await callerOf(own)).openFiles).toBeNull()
  })

  it('has the shell of its environment, else that of its user', async () => {
    const passwd = 'me:x:5:5::/home/me:/bin/mine\n'
    expect((await callerOf({ '7/environ': 'SHELL=/bin/x\0' }, passwd)).shell).toBe('/bin/x')
    expect((await callerOf({ '7/environ': 'A=1\0' }, passwd)).shell).toBe('/bin/mine')
    expect((await callerOf({ '7/environ': 'A=1\0' }, 'no:x:6:6::/:/bin/no\n')).shell).toBeNull()
  })

  it('has no terminal unless the kernel says so', async () => {
    const environment = { '7/environ': 'SHELL=/x\0' }
    expect((await callerOf(environment)).terminal).toBe(false)
    const onTerminal = statText(7, 9).replace(' 0 -1 ', ' 34816 -1 ')
    expect((await callerOf({ ...environment, '7/stat': onTerminal })).terminal).toBe(true)
  })

  it('has the ids of the kernel only in the initial user namespace', async () => {
    const environment = { '7/environ': 'SHELL=/x\0' }
    expect((await callerOf(environment)).kernelIds).toBe(true)
    const inside = { ...environment, '7/ns/user': 'user:[4026532281]' }
    expect((await callerOf(inside)).kernelIds).toBe(false)
  })
})

describe('isChrooted', () => {
  const line = (id: number, mountPoint: string) =>
    `${id} 1 8:1 / ${mountPoint} rw - ext4 /dev/sda rw\n`

  it.each([
    ['a root that is that of the first process', line(20, '/'), line(20, '/'), false],
    ['a root that is a directory of a mount', line(30, '/proc'), line(20, '/'), true],
    ['a root that the first process has elsewhere', line(31, '/'), line(31, '/srv'), true],
    ['a root that the first process does not see', line(40, '/'), line(20, '/'), null],
    ['a root beside a first process that is hidden', line(40, '/'), undefined, null],
    ['nothing to be read', undefined, line(20, '/'), null],
  ])('of %s', (_, own, first, chrooted) => {
    const files = {
      ...(own === undefined ? {} : { '7/mountinfo': own }),
      ...(first === undefined ? {} : { '1/mountinfo': first }),
    }
    expect(isChrooted(fakeHost(files), '7')).toBe(chrooted)
  })

  it('of a root that the parent has elsewhere', () => {
    const files = {
      ...{ '7/mountinfo': line(31, '/'), '7/status': 'PPid:\t5\n' },
      ...{ '5/mountinfo': line(31, '/srv'), '1/mountinfo': line(20, '/') },
    }
    expect(isChrooted(fakeHost(files), '7')).toBe(true)
    expect(isChrooted(fakeHost({ ...files, '5/mountinfo': line(31, '/') }), '7')).toBe(null)
  })
})
