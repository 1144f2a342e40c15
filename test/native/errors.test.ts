import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadAddon } from '../../src/host/addon.ts'
import { errnoName } from '../../src/host/errno-name.ts'
import * as support from './support.ts'

const { addon } = support

describe('errors', () => {
  const pids = Int32Array.of(1)
  const calls: Readonly<Record<string, (root: string) => unknown>> = {
    listPids: (root) => addon.listPids(root),
    scan: (root) => addon.scan(root, pids, ['net'], null, false, false),
    read: (root) => addon.read(root, pids, false, 0, false),
  }

  it.each(Object.keys(calls))('of %s are those of node:fs', (name) => {
    const call = calls[name] as (root: string) => unknown
    expect(errorOf(() => call('/nowhere'))).toMatchObject({
      code: 'ENOENT',
      errno: -2,
      syscall: 'open',
      path: '/nowhere',
      message: "ENOENT: no such file or directory, open '/nowhere'",
    })
    const file = join(support.temporaryDirectory(), 'file')
    writeFileSync(file, '')
    expect(errorOf(() => call(file))).toMatchObject({ code: 'ENOTDIR', path: file })
  })

  it('do not come of a root that does not show us: our own /proc tells what nsfs is', () => {
    const { describe: ask } = support.hostOf(support.temporaryDirectory())
    const answer = ask?.([{ kind: 'path', path: '/proc/self/ns/uts', inum: null }], { nsid: false })
    expect(answer?.inums[0]).toBe(statSync('/proc/self/ns/uts').ino)
  })

  it('of a missing addon name both places', () => {
    const answer = loadAddon(support.temporaryDirectory())
    expect(answer).toEqual({
      error: `prebuilds/linux-${process.arch}/nsx.node: not there; native/build/Release/nsx.node: not there`,
    })
  })
})

describe('errnoName', () => {
  it.each([
    [1, 'EPERM'],
    [11, 'EAGAIN'],
    [24, 'EMFILE'],
    [95, 'ENOTSUP'],
    [116, 'ESTALE'],
    [250, 'errno 250'],
  ])('calls %i %s', (errno, name) => {
    expect(errnoName(errno)).toBe(name)
  })
})

describe('userName', () => {
  it('is the name of a uid, null where it has none', () => {
    expect(support.host.userName(0)).toBe('root')
    expect(support.host.userName(4_000_000_000)).toBeNull()
  })
})

function errorOf(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}
