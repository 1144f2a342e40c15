import { mkdirSync, readlinkSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { formatNsLink } from '../../src/kernel/ns-link.ts'
import * as support from './support.ts'

const { host, scanOf } = support

describe('listPids', () => {
  it('gives our own pid among others, ascending', () => {
    const pids = host.listPids()
    expect(pids).toContain(process.pid)
    expect([...pids]).toEqual([...pids].sort((a, b) => a - b))
  })

  it('takes nothing for a pid that is none', () => {
    const root = support.temporaryDirectory()
    for (const name of ['12', '3', '007', '0', '-1', '4x', '99999999999', 'self']) {
      mkdirSync(join(root, name))
    }
    expect([...support.hostOf(root).listPids()]).toEqual([3, 12])
  })
})

describe('scan of links', () => {
  it('agrees with readlink for every process', () => {
    const pids = [...host.listPids()]
    const scan = scanOf(pids)
    let compared = 0
    for (const [i, pid] of pids.entries()) {
      for (const [j, type] of NS_TYPE_NAMES.entries()) {
        const at = i * NS_TYPE_NAMES.length + j
        const expected = linkOf(pid, type)
        // It may have ended between the two.
        if (expected === 'ENOENT' || scan.errnos[at] === support.ENOENT) continue
        compared++
        if (expected === 'EACCES') expect(scan.errnos[at]).toBe(13)
        else expect(formatNsLink(type, scan.inums[at] as number)).toBe(expected)
      }
    }
    expect(compared).toBeGreaterThanOrEqual(NS_TYPE_NAMES.length)
  })

  it('gives the same with descriptors as without', () => {
    const pids = [process.pid, process.ppid]
    expect(scanOf(pids, { descriptors: true }).inums).toEqual(scanOf(pids).inums)
  })

  it('says ENOENT for a pid that nobody has', () => {
    const scan = scanOf([support.NO_PID], { descriptors: true })
    expect([...scan.errnos]).toEqual(NS_TYPE_NAMES.map(() => support.ENOENT))
    expect([...scan.descriptorErrnos]).toEqual([support.ENOENT])
    expect([...scan.inums]).toEqual(NS_TYPE_NAMES.map(() => 0))
  })

  it('does nothing for no pids', () => {
    expect(scanOf([]).inums).toHaveLength(0)
  })

  it('reads a saved machine, a directory of symbolic links', () => {
    const root = support.temporaryDirectory()
    mkdirSync(join(root, '7/ns'), { recursive: true })
    symlinkSync('net:[4026531840]', join(root, '7/ns/net'))
    const scan = support.hostOf(root).scanProcesses({
      pids: Int32Array.of(7),
      types: ['net', 'uts'],
      descriptors: true,
      sockets: true,
    })
    expect([...scan.inums]).toEqual([4026531840, 0])
    expect([...scan.errnos]).toEqual([0, support.ENOENT])
    expect([...scan.descriptorErrnos]).toEqual([support.ENOENT])
  })

  it.each([
    'uts:[4026531838]',
    'net:[]',
    'net:[0]',
    'net:[-1]',
    'net:[12',
    'net:[12]x',
    'net:[1 2]',
    'net:[4294967296]',
    'net:[99999999999999999999]',
    'net:12]',
    'net',
    ']',
    'net:[12]\n',
    `net:[${'1'.repeat(4000)}]`,
    '\u001b[2J',
  ])('says EINVAL where a link says %j', (text) => {
    const root = support.temporaryDirectory()
    mkdirSync(join(root, '7/ns'), { recursive: true })
    symlinkSync(text, join(root, '7/ns/net'))
    const scan = support.hostOf(root).scanProcesses({
      pids: Int32Array.of(7),
      types: ['net'],
      descriptors: false,
      sockets: false,
    })
    expect([scan.inums[0], scan.errnos[0]]).toEqual([0, support.EINVAL])
  })
})

describe('scan of descriptors', () => {
  it('finds an open namespace file', async () => {
    const pid = await support.startSleeper('exec 7</proc/self/ns/uts')
    const inum = statSync('/proc/self/ns/uts').ino
    expect(support.descriptorsOf(pid)).toEqual([{ pid, fd: 7, inum, type: null }])
  })

  it('takes no file, pipe or FIFO for one', async () => {
    const fifo = join(support.temporaryDirectory(), 'fifo')
    const script = `mkfifo ${fifo}; exec 7<>${fifo} 8</etc/passwd`
    const pid = await support.startSleeper(script)
    expect(support.descriptorsOf(pid)).toEqual([])
  })

  it('lists sockets only where asked', async () => {
    const { fd } = await support.startServer()
    const request = { types: [], descriptors: true } as const
    expect(scanOf([process.pid], request).sockets.fds).toHaveLength(0)
    const { sockets } = scanOf([process.pid], { ...request, sockets: true })
    const at = sockets.fds.indexOf(fd)
    expect(sockets.pids[at]).toBe(process.pid)
    expect(`socket:[${sockets.inodes[at]}]`).toBe(readlinkSync(`/proc/self/fd/${fd}`))
  })
})

function linkOf(pid: number, type: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/${type}`)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code as string
  }
}
