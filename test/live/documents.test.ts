import { readlinkSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import type { ShowView } from '../../src/query/show.ts'
import type { NamespaceView } from '../../src/query/show-namespace.ts'
import { faultsOf } from '../support/schemas.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { publicPackage } from './support/package.ts'
import { endUnshared, type Unshared, unshared } from './support/unshared.ts'
import { hold, holdAs, releaseAll } from './support/zoo.ts'

const able =
  requireRoot() &&
  requireAddon() &&
  ['unshare', 'nsenter', 'ip', 'ipcmk', 'cc'].every(requireCommand)

afterEach(async () => {
  await endUnshared()
  await releaseAll()
})

/** What a command prints, which its schema must allow. */
async function documentOf<T>(schema: string, args: readonly string[], uid?: number): Promise<T> {
  const options = uid === undefined ? {} : { uid, root: publicPackage().root }
  const { stdout, stderr } = await runNsx([...args, '--json'], options)
  expect(stderr).toBe('')
  const document = JSON.parse(stdout)
  expect(faultsOf(schema, document)).toEqual([])
  return document
}

describe.runIf(able)('a document of a live process', () => {
  let busy: Unshared

  beforeEach(async () => {
    busy = await unshared('-m', '-n', '-i', '-u', '-C', '-T', '--boottime', '86400')
    const within = (...words: string[]) => busy.within('-n', ...words)
    within('ip', 'link', 'set', 'lo', 'up')
    within('ip', 'link', 'add', 'a0', 'type', 'veth', 'peer', 'name', 'a1')
    within('ip', 'link', 'add', 'b0', 'type', 'bridge')
    within('ip', 'link', 'set', 'a1', 'master', 'b0')
    within('ip', 'link', 'set', 'a0', 'up')
    within('ip', 'address', 'add', '10.9.0.1/24', 'dev', 'a0')
    within('ip', 'route', 'add', 'blackhole', '10.20.0.0/16')
    busy.within('-i', 'ipcmk', '-M', '4096', '-Q', '-S', '3')
    busy.within('-u', 'hostname', 'busy')
  })

  it('is as the schema has it, and tells what is inside', async () => {
    const { namespaces } = await documentOf<ShowView>('show', ['show', String(busy.pid)])
    const inside = NS_TYPE_NAMES.map((type) => namespaces[type]?.contents?.unknown)
    expect(inside).toEqual(NS_TYPE_NAMES.map(() => []))
    expect(namespaces.uts?.contents).toMatchObject({ hostname: 'busy' })
    expect(namespaces.ipc?.contents).toMatchObject({ segments: [{ size: '4096' }] })
    // Where a process cannot be read, nobody knows that there is no other member.
    expect(['own', null]).toContain(namespaces.time?.sharing)
  })

  it.each(NS_TYPE_NAMES)('is as the schema has it: its %s namespace', async (type) => {
    const named = readlinkSync(`/proc/${busy.pid}/ns/${type}`)
    const document = await documentOf<{ namespace: NamespaceView }>('namespace', ['show', named])
    expect(document.namespace).toMatchObject({ type, contents: { type, unknown: [] } })
    const pids = document.namespace.members.map(({ pid }) => pid)
    expect(pids).toContain(busy.pid)
  })

  it('is as the schema has it: compared with ourselves, and with another', async () => {
    const other = await unshared('-n', '-u', '-U', '-r', '-p', '--fork')
    await documentOf('diff', ['diff', 'self', String(busy.pid)])
    await documentOf('diff', ['diff', String(busy.pid), String(other.pid)])
    await documentOf('diff', ['diff', String(busy.pid), `net:[${inode(other.pid, 'net')}]`])
  })

  it('is as the schema has it for an ordinary user', async () => {
    await documentOf('show', ['show', String(busy.pid)], 1000)
    await documentOf('show', ['show', 'self'], 1000)
    await documentOf('diff', ['diff', 'self', String(busy.pid)], 1000)
    const named = `net:[${inode(busy.pid, 'net')}]`
    const { stdout } = await runNsx(['show', named, '--json'], {
      ...{ uid: 1000, root: publicPackage().root },
    })
    expect(faultsOf('error', JSON.parse(stdout))).toEqual([])
  })
})

describe.runIf(able)('a document of an odd process', () => {
  it.each(['zombie', 'headless', 'stray'])('is as the schema has it: %s', async (holder) => {
    const { pid } = await (holder === 'thread'
      ? hold(holder, 'net')
      : holdAs(12_345, holder, 'uts'))
    await documentOf('show', ['show', String(pid)])
    await documentOf('diff', ['diff', String(pid), 'self'])
  })

  it('is as the schema has it: a kernel thread, and the first process', async () => {
    await documentOf('show', ['show', '2'])
    await documentOf('show', ['show', '1'])
    await documentOf('diff', ['diff', '1', '2'])
  })

  it('tells the id of a namespace that a thread alone is in', async () => {
    const { pid } = await hold('stray', 'net')
    const { threads } = await documentOf<ShowView>('show', ['show', String(pid)])
    const ids = threads.map(({ namespaces }) => namespaces.net?.id)
    const { namespaces } = await documentOf<ShowView>('show', ['show', 'self'])
    expect(ids.map((id) => typeof id)).toEqual([typeof namespaces.net?.ns.id])
  })

  it('says that a child will be elsewhere, before there is one', async () => {
    const { pid } = await unshared('-p')
    const { namespaces } = await documentOf<ShowView>('show', ['show', String(pid)])
    expect(namespaces.pid).toMatchObject({ forChildren: null, unknown: ['forChildren'] })
  })
})

describe.runIf(able)('a namespace that may not be opened', () => {
  it.each([
    ['show', ['show', '/proc/1/ns/net']],
    ['diff', ['diff', 'self', '/proc/1/ns/net']],
  ])('is refused by %s, in two lines or one document', async (_, words) => {
    const options = { uid: 1000, root: publicPackage().root }
    const { stdout, stderr, code } = await runNsx(words, options)
    expect({ stdout, code }).toEqual({ stdout: '', code: 4 })
    expect(stderr).toMatch(/^nsx: \/proc\/1\/ns\/net .*\(EACCES\)\n {2}\S.*\n$/)
    const told = await runNsx([...words, '--json'], options)
    expect({ stderr: told.stderr, code: told.code }).toEqual({ stderr: '', code: 4 })
    expect(faultsOf('error', JSON.parse(told.stdout))).toEqual([])
  })
})

function inode(pid: number, type: string): number {
  return Number(/\d+/.exec(readlinkSync(`/proc/${pid}/ns/${type}`))?.[0])
}
