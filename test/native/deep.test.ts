import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { DeepRequest, DeepScan, NsHandle } from '../../src/host/port.ts'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import { parseNsLink } from '../../src/kernel/ns-link.ts'
import { parseStatmounts } from '../../src/kernel/statmount.ts'
import * as support from './support.ts'

const { host, isRoot } = support
const EBADF = 9

const NOTHING: DeepRequest = { threads: false, forChildren: false, devices: false, netFiles: false }

function deep(
  pids: readonly number[],
  asked: Partial<DeepRequest>,
  types: readonly NsType[] = NS_TYPE_NAMES,
): DeepScan {
  const scan = support.scanOf(pids, { types, deep: { ...NOTHING, ...asked } })
  if (!scan.deep) throw new Error('it was asked for')
  return scan.deep
}

function linkOf(path: string): number {
  return parseNsLink(readlinkSync(path))?.inum ?? 0
}

describe.skipIf(!isRoot)('threads', () => {
  it('are told by the links that differ from those of their process', async () => {
    const pid = await support.startSleeper('', ['unshare', '-u'])
    expect(deep([pid, process.pid], { threads: true }).tasks).toEqual([])
  })

  it('of all processes are those that their links show', () => {
    const pids = [...host.listPids()]
    const { tasks } = deep(pids, { threads: true })
    for (const { pid, tid, type, inum } of tasks) {
      if (!existsSync(`/proc/${pid}/task/${tid}`)) continue
      expect(inum).not.toBe(linkOf(`/proc/${pid}/ns/${type}`))
      expect(inum).toBe(linkOf(`/proc/${pid}/task/${tid}/ns/${type}`))
    }
  })

  it('of a process that is gone are no failure but its own', () => {
    const scan = deep([support.NO_PID], { threads: true, forChildren: true })
    expect(scan.tasks).toEqual([])
    expect([...scan.threadErrnos, ...scan.forChildrenErrnos]).toEqual([
      support.ENOENT,
      support.ENOENT,
    ])
  })
})

describe.skipIf(!isRoot)('what children will be in', () => {
  it('is told where it is elsewhere than the task', async () => {
    const script = 'import ctypes,os,time; ctypes.CDLL(None).unshare(0x80)'
    const exec = 'os.execvp("sleep", ["sleep", "300"])'
    // exec(2) moves the task itself; its child would have moved with it.
    const pid = await support.startSleeper(`exec python3 -c '${script}; ${exec}'`)
    expect(deep([pid], { forChildren: true }).tasks).toEqual([])
  })

  it('is told also where no process has been made in it', async () => {
    const pid = await support.startSleeper('exec unshare -p sleep 300')
    expect(() => readlinkSync(`/proc/${pid}/ns/pid_for_children`)).toThrow(/ENOENT/)
    const { tasks } = deep([pid], { forChildren: true })
    expect(tasks).toEqual([{ pid, tid: pid, type: 'pid', forChildren: true, inum: null }])
    const handle: NsHandle = { kind: 'forChildren', pid, type: 'pid', inum: null }
    const answer = host.describe?.([handle], { nsid: false })
    const inum = answer?.inums[0] as number
    expect(answer?.errnos[0]).toBe(0)
    expect(inum).not.toBe(linkOf('/proc/self/ns/pid'))
    expect(answer?.facts.find((fact) => fact.inum === inum)).toMatchObject({
      ...{ type: 'pid', parent: linkOf('/proc/self/ns/pid'), owner: linkOf('/proc/self/ns/user') },
    })
  })

  it('is opened by its link where there is one', () => {
    const inum = linkOf('/proc/self/ns/time_for_children')
    const handles: NsHandle[] = [
      { kind: 'forChildren', pid: process.pid, type: 'time', inum },
      { kind: 'forChildren', pid: process.pid, type: 'time', inum: inum + 1 },
      { kind: 'forChildren', pid: support.NO_PID, type: 'pid', inum: null },
      { kind: 'forChildren', pid: process.pid, type: 'uts', inum: null },
    ]
    const answer = host.describe?.(handles, { nsid: false })
    expect([...(answer?.inums ?? [])]).toEqual([inum, 0, 0, 0])
    const [, other, gone, none] = answer?.errnos ?? []
    expect(other).toBe(support.ESTALE)
    expect([3, support.EINVAL]).toContain(gone)
    expect(none).toBe(support.ENOENT)
  })
})

describe.skipIf(!isRoot)('descriptors', () => {
  it('of /proc/PID/net are told by their path, and are files of a procfs', async () => {
    const pid = await support.startSleeper(
      'exec 7</proc/self/net/dev 8</proc/self/stat 9</etc/passwd',
    )
    const { netFiles, devices } = deep([pid], { netFiles: true, devices: true })
    expect([...netFiles.fds]).toEqual([7])
    expect([...netFiles.inodes]).toEqual([statSync(`/proc/${pid}/net/dev`).ino])
    expect(devices.fds).toHaveLength(0)
  })

  it.runIf(existsSync('/dev/net/tun'))('of tun devices say where they were opened', async () => {
    const pid = await support.startSleeper('exec 7<>/dev/net/tun; exec unshare -n sleep 300')
    const { devices } = deep([pid], { devices: true })
    expect([...devices.fds]).toEqual([7])
    const answer = host.deviceNamespaces?.(devices)
    expect([...(answer?.inums ?? [])]).toEqual([linkOf('/proc/self/ns/net')])
    expect(answer?.facts.some(({ type }) => type === 'net')).toBe(true)
    const fds = Int32Array.of(0, 99)
    const others = { pids: Int32Array.of(pid, pid), fds, inodes: new Float64Array(2) }
    const failed = host.deviceNamespaces?.(others)
    expect([support.ESTALE, support.ENOENT, EBADF]).toContain(failed?.errnos[0])
    expect(failed?.errnos[1]).toBe(support.ENOENT)
  })
})

describe.skipIf(!isRoot)('mount namespaces', () => {
  it('are all those that any process is in, and more', () => {
    const walked = host.mountNamespaces?.()
    if (!walked || typeof walked === 'string') throw new Error(String(walked))
    const inums = new Set(walked.inums)
    expect(inums.size).toBe(walked.inums.length)
    expect(
      new Set(walked.facts.filter(({ type }) => type === 'mnt').map(({ inum }) => inum)),
    ).toEqual(inums)
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const inum = linkOf(`/proc/${pid}/ns/mnt`)
        if (!inums.has(inum)) expect(existsSync(`/proc/${pid}`)).toBe(false)
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toMatch(/^(ENOENT|EACCES|ESRCH)$/)
      }
    }
  })

  it('show the namespaces that are mounted in them, with facts', async () => {
    const mount = 'mount -t tmpfs x /mnt; touch /mnt/a /mnt/over; unshare --uts=/mnt/a true'
    const cover = 'unshare --ipc=/mnt/over true; mount --bind /etc/passwd /mnt/over'
    const pid = await support.startSleeper(`${mount}; ${cover}`, ['unshare', '-m'])
    const inum = linkOf(`/proc/${pid}/ns/mnt`)
    const walked = host.mountNamespaces?.()
    if (!walked || typeof walked === 'string') throw new Error(String(walked))
    const bytes = walked.mounts.find((each) => each.inum === inum)?.bytes
    const rows = (bytes && typeof bytes !== 'string' && parseStatmounts(bytes)) || []
    expect(rows.map(({ fsType, mountPoint }) => [fsType, mountPoint])).toEqual([
      ['nsfs', '/mnt/a'],
      ['nsfs', '/mnt/over'],
    ])
    const [uts, ipc] = rows.map(({ root }) => parseNsLink(root ?? ''))
    expect(readFileSync(`/proc/${pid}/mountinfo`, 'utf8')).toContain(`uts:[${uts?.inum}] /mnt/a`)
    const described = new Set(walked.facts.map((fact) => fact.inum))
    expect(described.has(uts?.inum as number)).toBe(true)
    // Under another file it cannot be opened.
    expect(described.has(ipc?.inum as number)).toBe(false)
    // Whoever looked around there is none of our threads any more.
    for (const tid of readdirSync('/proc/self/task')) {
      expect(linkOf(`/proc/self/task/${tid}/ns/mnt`)).toBe(linkOf('/proc/self/ns/mnt'))
    }
  })

  it('may not be asked for from another PID namespace', () => {
    const code = `
      const addon = require(process.argv[1])
      console.log(addon.mountNamespaces('/proc'))`
    const path = `${import.meta.dirname}/../../native/build/Release/nsx.node`
    const args = ['--pid', '--fork', '--mount-proc', process.execPath, '-e', code, path]
    expect(execFileSync('unshare', args, { encoding: 'utf8' }).trim()).toBe('1')
  })
})

describe('listns', () => {
  it('is what the kernel says, or that it does not know the call', () => {
    const listed = host.listNamespaces?.()
    if (typeof listed === 'string') expect(listed).toMatch(/^(ENOSYS|EPERM)$/)
    else expect(new Set(listed?.inums).has(linkOf('/proc/self/ns/net'))).toBe(true)
  })
})

describe.skipIf(!isRoot)('an inode inside', () => {
  it('is that of the file as it is seen there', async () => {
    const pid = await support.startSleeper('', ['unshare', '-n'])
    const inum = linkOf(`/proc/${pid}/ns/net`)
    const file = 'thread-self/net/dev'
    const answers = host.inside?.({ kind: 'link', pid, type: 'net', inum }, [
      { ask: 'inode', file },
      { ask: 'inode', file: 'none' },
    ])
    const [inode, none] = answers ?? []
    expect(Number(Buffer.from(inode as Uint8Array).readBigUInt64LE())).toBe(
      statSync(`/proc/${pid}/net/dev`).ino,
    )
    expect(none).toBe('ENOENT')
  })
})
