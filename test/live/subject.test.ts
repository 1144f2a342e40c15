import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { readSubject } from '../../src/collect/subject.ts'
import { openHost } from '../../src/host/open.ts'
import {
  capabilityNames,
  describeCapabilities,
  hasCapability,
} from '../../src/kernel/capabilities.ts'
import { NS_LINK_NAMES } from '../../src/model/subject.ts'
import { endByStdin, PROJECT, until, watch } from './support/children.ts'
import { requireCommand, requireRoot } from './support/needs.ts'
import { attempt, inumOf } from './support/proc.ts'
import { hold, holdAs, releaseAll } from './support/zoo.ts'

const { host } = openHost(PROJECT, undefined)
const canHold = requireRoot() && requireCommand('cc')

afterEach(releaseAll)

/** The second thread of a process. */
const otherThread = (pid: number) =>
  readdirSync(`/proc/${pid}/task`)
    .map(Number)
    .find((tid) => tid !== pid) as number

const linkOf = (folder: string, name: string) =>
  Number(/\d+/.exec(readlinkSync(`/proc/${folder}/ns/${name}`))?.[0])

describe('a subject', () => {
  test('is ourselves', () => {
    const subject = readSubject(host, 'self')
    expect(subject).toMatchObject({
      pid: process.pid,
      tgid: process.pid,
      ppid: process.ppid,
      kernelThread: false,
      linkErrnos: {},
      strayThreads: [],
      threadsUnread: 0,
      credentials: { uid: { real: process.getuid?.(), effective: process.geteuid?.() } },
    })
    expect(subject.nsPids.at(-1)).toBe(process.pid)
    expect(subject.threads).toBeGreaterThan(1)
    expect(subject.args).toEqual(expect.arrayContaining([process.execPath]))
    for (const name of NS_LINK_NAMES) expect(subject.links[name]).toBe(linkOf('self', name))
  })

  test.runIf(canHold)('is a kernel thread', () => {
    expect(readSubject(host, 2)).toMatchObject({
      comm: 'kthreadd',
      kernelThread: true,
      args: [],
      credentials: { uid: { effective: 0 } },
    })
  })

  test.runIf(canHold)('is a zombie: only its user and PID namespace are left', async () => {
    const { pid } = await holdAs(12_345, 'zombie', 'uts')
    const subject = readSubject(host, pid)
    expect(subject).toMatchObject({ pid, state: 'Z', threads: 1, strayThreads: [], args: [] })
    expect(subject.credentials?.uid.effective).toBe(12_345)
    expect(subject.links).toEqual({ user: inumOf('self', 'user'), pid: inumOf('self', 'pid') })
    const others = NS_LINK_NAMES.filter((name) => name !== 'user' && name !== 'pid')
    expect(subject.linkErrnos).toEqual(Object.fromEntries(others.map((name) => [name, 'ENOENT'])))
  })

  test.runIf(canHold).each(['uts', 'net', 'ipc', 'cgroup', 'mnt'])(
    'has a thread in another %s namespace',
    async (type) => {
      const { pid } = await hold('stray', type)
      const tid = otherThread(pid)
      const inum = linkOf(`${pid}/task/${tid}`, type)
      expect(readSubject(host, pid)).toMatchObject({
        ...{ pid, tgid: pid, threads: 2, threadsUnread: 0 },
        strayThreads: [{ tid, comm: 'zoo', links: { [type]: inum }, linkErrnos: {} }],
      })
      expect(readSubject(host, tid)).toMatchObject({
        ...{ pid: tid, tgid: pid, threads: 2, links: { [type]: inum } },
        strayThreads: [{ tid: pid, links: { [type]: inumOf(pid, type) } }],
      })
    },
  )

  test.runIf(canHold)('has a thread whose children will be born elsewhere', async () => {
    const { pid } = await hold('stray', 'pid')
    const tid = otherThread(pid)
    // Nobody can see a PID namespace in which nobody was ever born.
    expect(readSubject(host, pid).strayThreads).toEqual([
      {
        ...{ tid, startTicks: expect.stringMatching(/^\d+$/), comm: 'zoo', lossy: [] },
        ...{ links: {}, linkErrnos: { pid_for_children: 'ENOENT' } },
      },
    ])
  })

  test.runIf(canHold)('has exited before its threads: they are what is left of it', async () => {
    const { pid } = await hold('headless', 'uts')
    const tid = otherThread(pid)
    const subject = readSubject(host, pid)
    expect(subject).toMatchObject({ pid, state: 'Z', threads: 2 })
    expect(Object.keys(subject.links).sort()).toEqual(['pid', 'user'])
    const links = NS_LINK_NAMES.filter((name) => name !== 'user' && name !== 'pid')
    expect(subject.strayThreads).toEqual([
      {
        ...{ tid, startTicks: expect.stringMatching(/^\d+$/), comm: 'zoo', lossy: [] },
        linkErrnos: {},
        links: Object.fromEntries(links.map((name) => [name, linkOf(`${pid}/task/${tid}`, name)])),
      },
    ])
  })

  test.runIf(canHold && requireCommand('setpriv'))('has dropped capabilities', async () => {
    const options = ['--bounding-set', '-sys_admin,-kill', '--no-new-privs', '--reuid', '12345']
    const groups = ['--regid', '12346', '--groups', '7,9', '--inh-caps', '+chown']
    const child = spawn('setpriv', [...options, ...groups, 'cat'], {
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    const watched = watch(child)
    try {
      const pid = child.pid as number
      await until('cat', () =>
        attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8')) === 'cat\n' ? pid : null,
      )
      const { credentials } = readSubject(host, pid)
      expect(credentials).toMatchObject({
        uid: { real: 12_345, effective: 12_345, saved: 12_345, fs: 12_345 },
        gid: { real: 12_346, effective: 12_346, saved: 12_346, fs: 12_346 },
        groups: [7, 9],
        noNewPrivs: true,
      })
      const { bounding, effective, inheritable } = credentials?.capabilities ?? {}
      const dropped = new Set(['CAP_SYS_ADMIN', 'CAP_KILL'])
      const ours = capabilityNames(
        readSubject(host, 'self').credentials?.capabilities.bounding ?? '',
      )
      expect(capabilityNames(bounding ?? '')).toEqual(ours.filter((name) => !dropped.has(name)))
      expect(describeCapabilities(effective ?? '')).toBe('none')
      expect(hasCapability(inheritable ?? '0', 'CAP_CHOWN')).toBe(true)
    } finally {
      await endByStdin(child, watched)
    }
  })

  test('that does not exist is an error that says what would help', () => {
    expect(() => readSubject(host, 4_194_303)).toThrowError(
      expect.objectContaining({
        message: 'there is no process 4194303',
        details: expect.objectContaining({ code: 'no-such-process', exitCode: 3 }),
      }),
    )
  })

  test.runIf(canHold)('whose process has ended is no subject any more', async () => {
    const held = await hold('process', 'uts')
    expect(readSubject(host, held.pid).links.uts).toBe(held.inum)
    await held.release()
    expect(() => readSubject(host, held.pid)).toThrowError(/there is no process/)
  })

  test('that ends while it is read is whole, or none', async () => {
    const ends: string[] = []
    for (let round = 0; round < 40; round++) {
      const child = spawn('/bin/sh', ['-c', '/bin/true & wait'], { stdio: 'ignore' })
      const { end } = watch(child)
      const pid = child.pid as number
      // Our own loop does not run meanwhile: it stays a zombie at the least.
      for (let state = ''; state !== 'Z'; ) {
        const subject = readSubject(host, pid)
        state = subject.state
        expect(subject).toMatchObject({ pid, tgid: pid, ppid: process.pid })
        const told = [...Object.keys(subject.links), ...Object.keys(subject.linkErrnos)]
        expect(told.sort()).toEqual([...NS_LINK_NAMES].sort())
        if (state === 'Z') expect(Object.keys(subject.links).sort()).toEqual(['pid', 'user'])
      }
      await end
      try {
        ends.push(readSubject(host, pid).comm)
      } catch (error) {
        ends.push((error as Error).message.replace(/\d+/, 'N'))
      }
    }
    expect(new Set(ends)).toEqual(new Set(['there is no process N']))
  })
})
