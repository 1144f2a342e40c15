import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import * as support from './support.ts'

const { host } = support

it('reads what node:fs reads', async () => {
  const pid = await support.startSleeper()
  const request = { status: true, cmdlineBytes: 4096, cgroup: true }
  const [texts] = host.readProcesses([pid], request)
  expect(String(texts?.stat)).toBe(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  expect(String(texts?.status)).toBe(readFileSync(`/proc/${pid}/status`, 'utf8'))
  expect(String(texts?.cmdline)).toBe(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
  expect(String(texts?.cgroup)).toBe(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))
})

it('reads only what is asked', () => {
  const [texts] = host.readProcesses([process.pid], { status: false, cmdlineBytes: 0 })
  expect(texts?.stat).toBeInstanceOf(Buffer)
  expect(texts).toMatchObject({ status: null, cmdline: null, cgroup: null })
})

it('keeps the order of the pids, on several threads too', () => {
  const pids = Array.from({ length: 500 }, (_, i) => (i % 3 ? process.pid : support.NO_PID))
  const own = readFileSync('/proc/self/cgroup', 'utf8')
  const texts = host.readProcesses(pids, { status: true, cmdlineBytes: 3, cgroup: true })
  for (const [i, pid] of pids.entries()) {
    if (pid === support.NO_PID) {
      expect(texts[i]).toEqual({
        ...{ stat: 'ENOENT', status: 'ENOENT', cmdline: 'ENOENT', cgroup: 'ENOENT' },
      })
    } else {
      expect(Number.parseInt(String(texts[i]?.stat), 10)).toBe(pid)
      expect(texts[i]?.cmdline).toHaveLength(3)
      expect(String(texts[i]?.cgroup)).toBe(own)
    }
  }
})

it('reads a command line to its limit or its end, whatever its size', () => {
  const root = support.temporaryDirectory()
  mkdirSync(join(root, '7'))
  writeFileSync(join(root, '7/stat'), '')
  const line = Buffer.alloc(100_000, 'abc\0')
  writeFileSync(join(root, '7/cmdline'), line)
  for (const cmdlineBytes of [1, 4095, 4096, 4097, 99_999, 100_000, 1_000_000]) {
    const [texts] = support.hostOf(root).readProcesses([7], { status: true, cmdlineBytes })
    expect(texts?.stat).toHaveLength(0)
    expect(texts?.status).toBe('ENOENT')
    expect(line.subarray(0, cmdlineBytes).equals(texts?.cmdline as Buffer)).toBe(true)
  }
})
