import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import type { NsType } from '../../src/kernel/namespace-types.ts'
import type { DiffView } from '../../src/query/diff.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { endUnshared, type Unshared, unshared } from './support/unshared.ts'

const able =
  requireRoot() && requireAddon() && ['unshare', 'nsenter', 'ip', 'ipcmk'].every(requireCommand)

afterEach(endUnshared)

async function diff(a: Unshared, b: Unshared, ...args: string[]): Promise<DiffView> {
  const words = ['diff', String(a.pid), String(b.pid), '--json', ...args]
  const { stdout, stderr, code } = await runNsx(words)
  expect({ stderr, code }).toEqual({ stderr: '', code: 1 })
  return JSON.parse(stdout)
}

/** Two processes that differ in one type of namespace, whose contents `prepare` makes alike. */
async function pairOf(
  flags: readonly string[],
  prepare: (side: Unshared) => void = () => undefined,
): Promise<[Unshared, Unshared]> {
  const pair: [Unshared, Unshared] = [await unshared(...flags), await unshared(...flags)]
  for (const side of pair) prepare(side)
  return pair
}

describe.runIf(able)('diff of two processes that differ in one item', () => {
  function differing({ types }: DiffView): string[] {
    return Object.entries(types).flatMap(([type, { same }]) => (same ? [] : [type]))
  }

  function only(view: DiffView, type: NsType): readonly unknown[] {
    expect(differing(view)).toEqual([type])
    expect(view.types[type]?.unknown).toEqual([])
    return view.types[type]?.differences ?? []
  }

  it('finds nothing inside of two that are alike, but that they are two', async () => {
    const [a, b] = await pairOf(['-n', '-i', '-u'])
    const view = await diff(a, b)
    expect(differing(view)).toEqual(['net', 'uts', 'ipc'])
    expect(Object.values(view.types).flatMap(({ differences }) => differences)).toEqual([])
  })

  it('names a route', async () => {
    const [a, b] = await pairOf(['-n'], (side) => {
      side.within('-n', 'ip', 'link', 'set', 'lo', 'up')
      side.within('-n', 'ip', 'address', 'add', '10.9.0.1/24', 'dev', 'lo')
    })
    b.within('-n', 'ip', 'route', 'add', '10.10.0.0/16', 'via', '10.9.0.1', 'dev', 'lo')
    const [route, ...others] = only(await diff(a, b), 'net')
    expect(others).toEqual([])
    expect(route).toMatchObject({
      ...{ path: ['routes', '10.10.0.0/16'], a: null },
      b: { gateway: '10.9.0.1', interface: 'lo' },
    })
  })

  it('names an address', async () => {
    const [a, b] = await pairOf(['-n'], (side) =>
      side.within('-n', 'ip', 'link', 'set', 'lo', 'up'),
    )
    a.within('-n', 'ip', 'address', 'add', '10.9.0.1/24', 'dev', 'lo')
    expect(only(await diff(a, b), 'net')).toEqual([
      {
        path: ['interfaces', 'lo', 'addresses', '10.9.0.1/24'],
        a: { address: '10.9.0.1/24', scope: 'global', family: 'inet' },
        b: null,
      },
    ])
  })

  it('names a mount option', async () => {
    const folder = mkdtempSync(`${tmpdir()}/nsx-diff-`)
    const [a, b] = await pairOf(['-m'], (side) => {
      side.within('-m', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', folder)
    })
    b.within('-m', 'mount', '-o', 'remount,bind,noexec', folder)
    expect(only(await diff(a, b), 'mnt')).toEqual([
      { path: ['mounts', folder, 'options'], a: 'rw,relatime', b: 'rw,noexec,relatime' },
    ])
    await endUnshared()
    rmdirSync(folder)
  })

  it('names a line of a map', async () => {
    const [a, b] = await pairOf(['-U'])
    for (const [side, outside] of [
      [a, 100_000],
      [b, 200_000],
    ] as const) {
      writeFileSync(`/proc/${side.pid}/uid_map`, `0 ${outside} 10`)
      writeFileSync(`/proc/${side.pid}/gid_map`, '0 100000 10')
    }
    expect(only(await diff(a, b), 'user')).toEqual([
      {
        path: ['uidMap', '0'],
        a: { inside: 0, outside: 100_000, count: 10 },
        b: { inside: 0, outside: 200_000, count: 10 },
      },
    ])
  })

  it('names an offset', async () => {
    const a = await unshared('-T', '--fork', '--boottime', '100', '--monotonic', '5')
    const b = await unshared('-T', '--fork', '--boottime', '200', '--monotonic', '5')
    expect(only(await diff(a, b), 'time')).toEqual([
      {
        path: ['boottime'],
        a: { seconds: 100, nanoseconds: 0 },
        b: { seconds: 200, nanoseconds: 0 },
      },
    ])
  })

  it('names a message queue', async () => {
    const [a, b] = await pairOf(['-i'])
    b.within('-i', 'ipcmk', '-Q')
    const [queue, ...others] = only(await diff(a, b), 'ipc')
    expect(others).toEqual([])
    expect(queue).toMatchObject({ path: ['queues', expect.any(String)], a: null, b: { uid: 0 } })
  })

  it('names a host name', async () => {
    const [a, b] = await pairOf(['-u'], (side) => side.within('-u', 'hostname', 'one'))
    b.within('-u', 'hostname', 'other')
    expect(only(await diff(a, b), 'uts')).toEqual([{ path: ['hostname'], a: 'one', b: 'other' }])
  })

  it('names a cgroup', async () => {
    const [, hierarchy = ''] =
      /^\S+ (\S+) cgroup2 /m.exec(execFileSync('cat', ['/proc/mounts'], { encoding: 'utf8' })) ?? []
    const folder = `${hierarchy}/nsx-test-${process.pid}`
    mkdirSync(folder)
    try {
      const a = await unshared('-C')
      const b = await unsharedIn(folder)
      const [cgroup, ...others] = only(await diff(a, b), 'cgroup')
      expect(others).toEqual([])
      expect(cgroup).toMatchObject({
        path: ['cgroups', 'cgroup2', 'root'],
        b: expect.stringContaining(`/nsx-test-${process.pid}`),
      })
    } finally {
      await endUnshared()
      rmdirSync(folder)
    }
  })

  /** Joins a cgroup before it makes a cgroup namespace, of which that is the root. */
  async function unsharedIn(folder: string): Promise<Unshared> {
    const before = execFileSync('cat', ['/proc/self/cgroup'], { encoding: 'utf8' })
    const [, own = '/'] = /^0::(.*)$/m.exec(before) ?? []
    const root = folder.slice(0, folder.lastIndexOf('/'))
    writeFileSync(`${folder}/cgroup.procs`, String(process.pid))
    try {
      return await unshared('-C')
    } finally {
      writeFileSync(`${root}${own}/cgroup.procs`, String(process.pid))
    }
  }

  it('names a level', async () => {
    const a = await unshared('-p', '--fork')
    const b = await unshared('-p', '--fork', 'unshare', '-p', '--fork')
    expect(only(await diff(a, b), 'pid')).toEqual([{ path: ['level'], a: 1, b: 2 }])
  })
})
