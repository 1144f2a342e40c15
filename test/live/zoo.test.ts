import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { NAMESPACE_TYPES } from '../../src/kernel/namespace-types.ts'
import { startBwrap, startRunc } from './support/containers.ts'
import { lsns, lsnsColumns } from './support/lsns.ts'
import { requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { buildZoo, type Held, hold, holdAs, releaseAll } from './support/zoo.ts'

const UID = 12_345
const TYPES = NAMESPACE_TYPES.map(({ name }) => name)
const canHold = requireRoot() && requireCommand('cc')

afterEach(releaseAll)

describe.runIf(canHold)('zoo', () => {
  test.each(TYPES)('process %s: a process of that uid in a new namespace', async (type) => {
    for (const uid of [0, UID]) {
      const held = await holdAs(uid, 'process', type)
      expect(inumOf(held.pid, type)).toBe(held.inum)
      expect(held.inum).not.toBe(inumOf('self', type))
      expect(statusOf(held.pid, 'Uid')).toBe([uid, uid, uid, uid].join('\t'))
      await held.release()
      expect(existsSync(`/proc/${held.pid}`)).toBe(false)
    }
  })

  test('process user: its root is the uid outside', async () => {
    const held = await holdAs(UID, 'process', 'user')
    const map = readFileSync(`/proc/${held.pid}/uid_map`, 'utf8').trim().split(/ +/)
    expect(map).toEqual(['0', String(UID), '1'])
  })

  test.each(TYPES)('descriptor %s: only an open file', async (type) => {
    const held = await holdAs(UID, 'descriptor', type)
    expect(readlinkSync(fdPath(held))).toBe(`${type}:[${held.inum}]`)
    expectNobodyIn(held)
    expect(statusOf(held.pid, 'Uid')).toMatch(String(UID))
  })

  test.each(TYPES)('detached %s: a descriptor whose link does not tell', async (type) => {
    const held = await hold('detached', type)
    expect(readlinkSync(fdPath(held))).toBe('/')
    expect(statSync(fdPath(held)).ino).toBe(held.inum)
    expect(statSync(fdPath(held)).dev).toBe(statSync('/proc/self/ns/net').dev)
    expectNobodyIn(held)
  })

  test.each(TYPES)('mount %s: a bind mount, taken away at the end', async (type) => {
    const folder = mkdtempSync(join(tmpdir(), 'nsx-mount-'))
    const path = `${folder}/pin`
    const held = await hold('mount', type, path)
    expect(mounts()).toContain(` ${type}:[${held.inum}] ${path} `)
    expect(statSync(path).ino).toBe(held.inum)
    expectNobodyIn(held)
    await held.release()
    expect(mounts()).not.toContain(path)
    expect(existsSync(path)).toBe(false)
    rmSync(folder, { recursive: true })
  })

  test.each(['tcp', 'udp', 'netlink', 'unix'])('socket %s: of another net', async (family) => {
    const held = await holdAs(UID, 'socket', family)
    expect(readlinkSync(fdPath(held))).toBe(`socket:[${held.socket}]`)
    expect(inumOf(held.pid, 'net')).toBe(inumOf('self', 'net'))
    expectNobodyIn(held)
    // These tables list unbound sockets too, but only those of the reader's own namespace.
    if (family === 'netlink' || family === 'unix') {
      const table = readFileSync(`/proc/net/${family}`, 'utf8')
      expect(table).not.toMatch(new RegExp(`\\b${held.socket}\\b`))
    }
  })

  test('ancestor: a user namespace between two others', async () => {
    const held = await holdAs(UID, 'ancestor')
    expect(inumOf(held.pid, 'user')).toBe(held.inner)
    expectNobodyIn(held)
  })

  test.each(['uts', 'net'] as const)('owner %s: its user namespace is empty', async (type) => {
    const held = await hold('owner', type)
    expect(held.ownedType).toBe(type)
    expect(inumOf(held.pid, type)).toBe(held.owned)
    expect(inumOf(held.pid, 'user')).toBe(inumOf('self', 'user'))
    expectNobodyIn(held)
  })

  test.each(['a\nb', ') Z 1 (', '\x1b]0;x\x07\x1b[2J', '\u202edne'])('comm %j', async (comm) => {
    const held = await hold('comm', comm)
    expect(readFileSync(`/proc/${held.pid}/comm`, 'utf8')).toBe(`${comm}\n`)
    expect(inumOf(held.pid, 'uts')).toBe(held.inum)
  })

  test.each([9, 4096, 1_000_000])('cmdline of %d bytes', async (bytes) => {
    const held = await holdAs(UID, 'cmdline', String(bytes))
    expect(readFileSync(`/proc/${held.pid}/cmdline`).length).toBe(bytes)
    expect(statusOf(held.pid, 'Uid')).toMatch(String(UID))
  })

  test('nondumpable: its files belong to root, those of others do not', async () => {
    const hidden = await holdAs(UID, 'nondumpable')
    const plain = await holdAs(UID, 'process', 'uts')
    expect(statusOf(hidden.pid, 'Uid')).toMatch(String(UID))
    expect(statSync(`/proc/${hidden.pid}/environ`).uid).toBe(0)
    expect(statSync(`/proc/${plain.pid}/environ`).uid).toBe(UID)
  })

  test.each(['null', 'pipe', 'fifo', 'unix', 'tcp', 'mixed'])('descriptors %s', async (kind) => {
    const before = tmpFifos()
    const held = await holdAs(UID, 'descriptors', kind, '3000')
    expect(readdirSync(`/proc/${held.pid}/fd`).length).toBe(3000 + 3)
    expect(tmpFifos()).toEqual(before)
    if (kind !== 'unix') return
    const inode = /\d+/.exec(readlinkSync(`/proc/${held.pid}/fd/100`))?.[0]
    expect(readFileSync('/proc/net/unix', 'utf8')).toMatch(new RegExp(`\\b${inode}\\b`))
  })

  test('exec-churn: processes come and go, and then no more', async () => {
    const held = await hold('exec-churn', '300')
    const seen = new Set<string>()
    for (const end = performance.now() + 200; performance.now() < end; await delay(2)) {
      for (const pid of childrenOf(held.pid)) seen.add(pid)
    }
    expect(seen.size).toBeGreaterThan(20)
    await delay(400)
    expect(childrenOf(held.pid)).toEqual([])
  })

  test.runIf(requireFile('/dev/fuse'))('fuse: stat of the descriptor waits', async () => {
    for (const uid of [0, UID]) {
      const held = await holdAs(uid, 'fuse')
      expect(held.hangs).toBe(true)
      expect(readlinkSync(fdPath(held))).toBe('/tmp/silent')
      expect(statusOf(held.pid, 'Uid')).toMatch(String(uid))
      expect(mounts()).not.toContain('fuse zoo')
      await held.release()
      expect(existsSync(`/proc/${held.pid}`)).toBe(false)
      expect(existsSync(`/proc/${held.server}`)).toBe(false)
    }
  })

  test.each([['none'], ['process', 'foo'], ['mount', 'uts']])('refuses %s %s', async (...args) => {
    await expect(hold(...(args as [string]))).rejects.toThrow(/^zoo: /)
  })

  afterAll(() => {
    const zoo = buildZoo()
    expect(pids().filter((pid) => exeOf(pid) === zoo)).toEqual([])
  })
})

describe.runIf(canHold && requireCommand('lsns'))('lsns', () => {
  test('finds what processes are in', async () => {
    const held = await hold('process', 'ipc')
    expect(lsns()).toContainEqual({ inum: held.inum, type: 'ipc', processes: 1, pid: held.pid })
  })

  test('knows parent and owner', async () => {
    const nested = await hold('ancestor')
    const owned = await hold('owner', 'uts')
    const rows = lsnsColumns('NS', 'PNS', 'ONS')
    const relativesOf = (inum: number | undefined) => rows.find(([ns]) => ns === String(inum))
    expect(relativesOf(nested.inner)?.[1]).toBe(String(nested.inum))
    expect(relativesOf(owned.owned)?.[2]).toBe(String(owned.inum))
  })
})

describe('runNsx', () => {
  test('gives both streams and the exit status', async () => {
    const { stdout, stderr, code, timedOut } = await runNsx(['--version'])
    expect({ timedOut, silent: stdout + stderr === '' }).toEqual({ timedOut: false, silent: false })
    expect(code).toBeTypeOf('number')
  })

  test('does not wait for ever', async () => {
    expect(await runNsx(['--version'], { timeout: 1 })).toMatchObject({
      code: null,
      timedOut: true,
    })
  })

  test.runIf(canHold)('as another user', async () => {
    expect(await runNsx(['--version'], { uid: UID })).toEqual(await runNsx(['--version']))
  })
})

const BUSYBOX = '/bin/busybox'

describe.runIf(canHold && requireCommand('runc') && requireFile(BUSYBOX))('runc', () => {
  test.each([undefined, 100_000])('a container, root is %s outside', async (rootUid) => {
    const container = await startRunc(rootUid === undefined ? {} : { rootUid })
    const state = JSON.parse(
      execFileSync('runc', ['state', container.id ?? ''], { encoding: 'utf8' }),
    )
    expect(state).toMatchObject({ pid: container.pid, status: 'running' })
    const own = ['mnt', 'net', 'pid', 'uts', 'ipc', 'cgroup', ...(rootUid ? ['user'] : [])]
    expect(TYPES.filter((type) => inumOf(container.pid, type) !== inumOf('self', type))).toEqual(
      TYPES.filter((type) => own.includes(type)),
    )
    expect(statusOf(container.pid, 'Uid')).toMatch(new RegExp(`^${rootUid ?? 0}\\t`))
    await container.stop()
    expect(existsSync(`/proc/${container.pid}`)).toBe(false)
    expect(existsSync(`/run/runc/${container.id}`)).toBe(false)
  })
})

describe.runIf(canHold && requireCommand('bwrap') && requireFile(BUSYBOX))('bwrap', () => {
  test.each([undefined, UID])('a sandbox of uid %s', async (uid) => {
    const container = await startBwrap(uid === undefined ? {} : { uid })
    for (const type of ['mnt', 'net', 'pid', 'uts', 'ipc']) {
      expect(inumOf(container.payload, type)).not.toBe(inumOf('self', type))
      expect(inumOf(container.payload, type)).toBe(inumOf(container.pid, type))
    }
    expect(statusOf(container.payload, 'Uid')).toMatch(new RegExp(`^${uid ?? 0}\\t`))
    await container.stop()
    expect(existsSync(`/proc/${container.payload}`)).toBe(false)
  })
})

function inumOf(pid: number | string, type: string): number {
  return Number(/\d+/.exec(readlinkSync(`/proc/${pid}/ns/${type}`))?.[0])
}

function statusOf(pid: number, field: string): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return new RegExp(`^${field}:\t(.*)$`, 'm').exec(status)?.[1] ?? ''
}

function fdPath({ pid, fd }: Held): string {
  return `/proc/${pid}/fd/${fd}`
}

function expectNobodyIn({ type, inum }: Held): void {
  const link = `${type}:[${inum}]`
  expect(inum).toBeGreaterThan(0)
  expect(pids().filter((pid) => linkOf(`/proc/${pid}/ns/${type}`) === link)).toEqual([])
}

function pids(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}

function exeOf(pid: string): string | null {
  return linkOf(`/proc/${pid}/exe`)
}

function childrenOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ')
}

function mounts(): string {
  return readFileSync('/proc/self/mountinfo', 'utf8')
}

function tmpFifos(): string[] {
  return readdirSync('/tmp').filter((name) => name.startsWith('zoo-fifo-'))
}
