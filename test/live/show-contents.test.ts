import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { until } from './support/children.ts'
import { insideOf, showNamespace } from './support/documents.ts'
import { AS_USER, contentsOf, enter, foreign, inside } from './support/foreign.ts'
import { findMounts, lsipc, sorted, type Within } from './support/inside.ts'
import { requireAddon, requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { endUnshared, unshared } from './support/unshared.ts'
import { hold, releaseAll } from './support/zoo.ts'

const able =
  requireRoot() && requireAddon() && ['unshare', 'nsenter', 'setpriv'].every(requireCommand)

const BUSYBOX = '/bin/busybox'

afterEach(async () => {
  await endUnshared()
  await releaseAll()
})

describe.runIf(able)('show, of what is inside of a UTS namespace', () => {
  test('has the names that uname(1) has', async () => {
    const target = await foreign('-u')
    const within = inside(target, '-u')
    within('sh', '-c', 'echo inside.example >/proc/sys/kernel/hostname')
    within('sh', '-c', 'echo nis.example >/proc/sys/kernel/domainname')
    expect(await contentsOf(target, 'uts')).toEqual({
      ...{ type: 'uts', unknown: [] },
      hostname: within('uname', '-n').trimEnd(),
      domainname: within('cat', '/proc/sys/kernel/domainname').trimEnd(),
    })
    expect(within('uname', '-n')).toBe('inside.example\n')
  })
})

describe.runIf(able && requireCommand('findmnt'))(
  'show, of what is inside of a mount namespace',
  () => {
    function prepare(within: Within, folder: string): void {
      const mount = (...words: string[]) => within('mount', ...words)
      const points = ['shared', 'slave', 'both', 'ro', 'with space', 'part'].map(
        (name) => `${folder}/${name}`,
      )
      const [shared = '', slave = '', both = '', ro = '', space = '', part = ''] = points
      mount('-t', 'tmpfs', '-o', 'size=64k,mode=750', 'source with space', folder)
      within('mkdir', ...points)
      mount('-t', 'tmpfs', 'none', shared)
      mount('--make-shared', shared)
      within('mkdir', `${shared}/below`)
      mount('--bind', shared, slave)
      mount('--make-slave', slave)
      mount('--bind', shared, both)
      mount('--make-slave', both)
      mount('--make-shared', both)
      mount('--bind', '/etc', ro)
      mount('-o', 'remount,bind,ro,nosuid,noexec', ro)
      mount('-t', 'proc', 'proc', space)
      mount('--make-unbindable', space)
      mount('--bind', `${shared}/below`, part)
      mount('-t', 'tmpfs', '-o', 'ro', 'on top', part)
    }

    function madeFolder(): string {
      const folder = mkdtempSync(`${tmpdir()}/nsx-mounts-`)
      // The test ends the namespace first, which holds what is mounted on it.
      onTestFinished(async () => {
        await endUnshared()
        await releaseAll()
        rmSync(folder, { recursive: true })
      })
      return folder
    }

    test('has the mounts that findmnt(8) has', async () => {
      const folder = madeFolder()
      const target = await foreign('-m')
      prepare(inside(target, '-m'), folder)
      const here: Within = ([command = '', ...words]) => execFileSync(command, words).toString()
      const { root, mounts } = await contentsOf(target, 'mnt')
      const expected = findMounts((...words) => here(words as never), '-N', String(target.pid))
      expect(sorted(mounts)).toEqual(sorted(expected))
      expect(root).toEqual(expected.find(({ mountPoint }) => mountPoint === '/'))
      const told = new Set(mounts.map(({ propagation }) => propagation))
      expect(told).toEqual(new Set(['private', 'shared', 'shared,slave', 'slave', 'unbindable']))
      const onTop = mounts.filter(({ mountPoint }) => mountPoint === `${folder}/part`)
      expect(onTop.map(({ source }) => source)).toEqual(['none', 'on top'])
    })

    test.runIf(requireFile(BUSYBOX))('has those above the root of its process too', async () => {
      const folder = madeFolder()
      mkdirSync(`${folder}/bin`)
      copyFileSync(BUSYBOX, `${folder}/bin/cat`)
      const target = await unshared('-m', '-R', folder)
      const { root, mounts } = await contentsOf(target, 'mnt')
      expect(sorted(mounts)).toEqual(sorted(findMounts(inside(target, '-m'))))
      expect(root).toMatchObject({ mountPoint: '/', root: '/' })
      // To the process itself, nothing of it is there.
      expect(readFileSync(`/proc/${target.pid}/mountinfo`, 'utf8')).toBe('')
    })

    test.each(['held by a descriptor', 'bound'])(
      'is told of one %s, without processes',
      async (how) => {
        const folder = madeFolder()
        const pin = madeFolder()
        const held =
          how === 'bound'
            ? await hold('mount', 'mnt', `${pin}/ns`)
            : await hold('descriptor', 'mnt')
        const path = how === 'bound' ? `${pin}/ns` : `/proc/${held.pid}/fd/${held.fd}`
        const within: Within = (...command) => enter([`--mount=${path}`], command)
        prepare(within, folder)
        const { namespace } = await showNamespace(how === 'bound' ? path : held.inum)
        expect(namespace.members).toEqual([])
        const { mounts } = insideOf(namespace, 'mnt')
        expect(sorted(mounts)).toEqual(sorted(findMounts(within)))
      },
    )
  },
)

describe.runIf(able && ['lsipc', 'ipcmk', 'python3'].every(requireCommand))(
  'show, of what is inside of an IPC namespace',
  () => {
    test('has the objects that lsipc(1) has', async () => {
      const target = await foreign('-i')
      const within = inside(target, '-i')
      within('ipcmk', '-Q', '-p', '0640')
      within(...AS_USER, 'ipcmk', '-Q', '-M', '5000', '-p', '0600')
      within('ipcmk', '-S', '3')
      within('ipcmk', '-M', '1048576')
      const shared = ['KEY', 'ID', 'PERMS', 'UID', 'GID']
      const { queues, semaphores, segments } = await contentsOf(target, 'ipc')
      expect(queues).toEqual(
        lsipc(within, '-q', [...shared, 'USEDBYTES', 'MSGS']).map(
          ({ usedbytes, msgs, ...queue }) => ({
            ...{ ...queue, bytes: usedbytes, messages: msgs },
          }),
        ),
      )
      expect(semaphores).toEqual(
        lsipc(within, '-s', [...shared, 'NSEMS']).map(({ nsems, ...set }) => ({
          ...{ ...set, count: nsems },
        })),
      )
      expect(segments.map(({ size, ...rest }) => ({ ...rest, size: Number(size) }))).toEqual(
        lsipc(within, '-m', [...shared, 'SIZE', 'NATTCH', 'CPID']).map(
          ({ nattch, ...segment }) => ({
            ...{ ...segment, attached: nattch },
          }),
        ),
      )
      expect([queues, semaphores, segments].map(({ length }) => length)).toEqual([2, 1, 2])
    })

    test('has the POSIX queues that a mqueue file system shows', async () => {
      const target = await foreign('-i', '-m')
      const within = inside(target, '-i', '-m')
      const folder = mkdtempSync(`${tmpdir()}/nsx-mqueue-`)
      onTestFinished(async () => {
        await endUnshared()
        rmdirSync(folder)
      })
      within('mount', '-t', 'mqueue', 'none', folder)
      within('touch', `${folder}/one`, `${folder}/two words`)
      within('python3', '-c', SEND)
      const { mqueues } = await contentsOf(target, 'ipc')
      const told = mqueues.map(({ name, bytes }) => ({ name, bytes }))
      const files = within('ls', folder).split('\n').slice(0, -1)
      expect(sorted(told)).toEqual(
        files.map((name) => ({
          name,
          bytes: Number(/QSIZE:(\d+)/.exec(within('cat', `${folder}/${name}`))?.[1]),
        })),
      )
      expect(told).toContainEqual({ name: 'one', bytes: 5 })
    })

    /** mq_open(3) and mq_send(3), of which Python has none of its own. */
    const SEND = `
import ctypes
rt = ctypes.CDLL('librt.so.1', use_errno=True)
queue = rt.mq_open(b'/one', 1)
assert queue >= 0 and rt.mq_send(queue, b'hello', 5, 0) == 0, ctypes.get_errno()
`
  },
)

describe.runIf(able)('show, of what is inside of a user namespace', () => {
  function maps(pid: number): object {
    const map = (file: string) =>
      readFileSync(`/proc/${pid}/${file}`, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const [inside, outside, count] = line.trim().split(/ +/).map(Number)
          return { inside, outside, count }
        })
    return {
      ...{ uidMap: map('uid_map'), gidMap: map('gid_map'), projidMap: map('projid_map') },
      setgroups: readFileSync(`/proc/${pid}/setgroups`, 'utf8').trimEnd(),
    }
  }

  test('has the maps of /proc', async () => {
    const target = await unshared(...AS_USER, 'unshare', '-U')
    const { pid } = target
    writeFileSync(`/proc/${pid}/setgroups`, 'deny')
    writeFileSync(`/proc/${pid}/uid_map`, '0 12345 1\n1 100000 5000\n70000 300000 7')
    writeFileSync(`/proc/${pid}/gid_map`, '0 12345 1')
    writeFileSync(`/proc/${pid}/projid_map`, '0 0 10')
    const user = await contentsOf(target, 'user')
    expect(user).toEqual({ type: 'user', unknown: [], ...maps(pid) })
    expect([user.uidMap.length, user.gidMap.length, user.projidMap.length]).toEqual([3, 1, 1])
    expect(user.setgroups).toBe('deny')
  })

  test('has none where none was written', async () => {
    const target = await unshared(...AS_USER, 'unshare', '-U')
    const user = await contentsOf(target, 'user')
    expect(user).toEqual({ type: 'user', unknown: [], ...maps(target.pid) })
    expect(user).toMatchObject({ uidMap: [], setgroups: 'allow' })
  })
})

describe.runIf(able)('show, of what is inside of a time namespace', () => {
  test('has the offsets of /proc', async () => {
    const target = await foreign('-T', '--fork', '--boottime', '86400', '--monotonic', '-3')
    const text = readFileSync(`/proc/${target.pid}/timens_offsets`, 'utf8')
    const offsets = [...text.matchAll(/^(\w+) +(-?\d+) +(\d+)$/gm)].map(([, clock, s, ns]) => [
      ...[clock, { seconds: Number(s), nanoseconds: Number(ns) }],
    ])
    expect(await contentsOf(target, 'time')).toEqual({
      ...{ type: 'time', unknown: [], ...Object.fromEntries(offsets) },
    })
    expect(offsets).toContainEqual(['boottime', { seconds: 86_400, nanoseconds: 0 }])
  })
})

describe.runIf(able)('show, of what is inside of a PID namespace', () => {
  test('has the level and the pids of NSpid', async () => {
    const target = await foreign('-p', '--fork', 'unshare', '-p', '--fork')
    const status = readFileSync(`/proc/${target.pid}/status`, 'utf8')
    const pids = /^NSpid:\t(.*)$/m.exec(status)?.[1]?.split('\t').map(Number)
    expect(pids).toEqual([target.pid, expect.any(Number), 1])
    expect(await contentsOf(target, 'pid')).toEqual({
      ...{ type: 'pid', unknown: [], level: 2, init: target.pid, pids },
    })
  })
})

const CGROUP = cgroup2()

describe.runIf(able && CGROUP !== null)('show, of what is inside of a cgroup namespace', () => {
  test('has the root and the cgroups of /proc, and whether they are frozen', async () => {
    const folder = `${CGROUP}/nsx-test-${process.pid}`
    mkdirSync(`${folder}/leaf`, { recursive: true })
    onTestFinished(async () => {
      await endUnshared()
      rmdirSync(`${folder}/leaf`)
      rmdirSync(folder)
    })
    // The shell joins the cgroup that becomes the root of the namespace; the process goes below it.
    const join = `echo $$ >${folder}/cgroup.procs && exec "$@"`
    const target = await unshared('sh', '-c', join, 'sh', 'unshare', '-C', ...AS_USER)
    writeFileSync(`${folder}/leaf/cgroup.procs`, String(target.pid))
    const outside = cgroupsOf(readFileSync(`/proc/${target.pid}/cgroup`, 'utf8'))
    const within = cgroupsOf(inside(target, '-C')('cat', `/proc/${target.pid}/cgroup`))
    const cgroup = await contentsOf(target, 'cgroup')
    expect(cgroup.cgroups.map(({ controllers, path }) => [controllers.join(), path])).toEqual(
      outside,
    )
    expect(cgroup.cgroups.map(({ controllers, inside }) => [controllers.join(), inside])).toEqual(
      within,
    )
    expect(Object.fromEntries(within)['']).toBe('/leaf')
    expect(cgroup).toMatchObject({
      root: Object.fromEntries(outside)['']?.slice(0, -5),
      frozen: false,
    })
    try {
      freeze(folder, 1)
      const events = () => readFileSync(`${folder}/leaf/cgroup.events`, 'utf8')
      await until('frozen', () => events().includes('frozen 1') || null)
      expect((await contentsOf(target, 'cgroup')).frozen).toBe(true)
    } finally {
      freeze(folder, 0)
    }
  })

  function cgroupsOf(text: string): [string, string][] {
    return [...text.matchAll(/^\d+:([^:]*):(.*)$/gm)].map(([, controllers = '', path = '']) => [
      ...([controllers, path] as const),
    ])
  }

  function freeze(folder: string, value: 0 | 1): void {
    writeFileSync(`${folder}/cgroup.freeze`, String(value))
  }
})

function cgroup2(): string | null {
  const mounts = readFileSync('/proc/mounts', 'utf8')
  return /^\S+ (\S+) cgroup2 /m.exec(mounts)?.[1] ?? null
}
