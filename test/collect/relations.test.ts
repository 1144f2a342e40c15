import { describe, expect, it } from 'vitest'
import { readPair } from '../../src/collect/relations.ts'
import { readSubject } from '../../src/collect/subject.ts'
import type { Host } from '../../src/host/port.ts'
import type { Subject } from '../../src/model/subject.ts'
import { fixtureHost } from '../support/fixture-host.ts'
import type { Machine } from '../support/fixture-procfs.ts'

const MAP = Buffer.from('         0     100000      65536\n')
const ALL = Buffer.from('         0          0 4294967295\n')
const MOUNTS = Buffer.from('21 1 8:1 / / rw shared:1 - ext4 /dev/sda rw\n')
const CGROUPS = Buffer.from('0::/user.slice\n')
const OFFSETS = Buffer.from('monotonic           0         0\nboottime           60         0\n')

/** A machine with the files of two of its processes that its fixture has not. */
function machine(name: Machine, pids: readonly number[]): Host {
  const files = pids.flatMap((pid, i) => [
    [`${pid}/uid_map`, i === 0 ? ALL : MAP] as const,
    [`${pid}/gid_map`, i === 0 ? ALL : MAP] as const,
    [`${pid}/mountinfo`, MOUNTS] as const,
    [`${pid}/cgroup`, CGROUPS] as const,
    [`${pid}/timens_offsets`, OFFSETS] as const,
  ])
  return fixtureHost(name, { files: Object.fromEntries(files) })
}

const subjects = (host: Host, pids: readonly number[]) =>
  pids.map((pid) => readSubject(host, pid)) as unknown as [Subject, Subject]

describe('readPair', () => {
  const pids = [1, 3200]
  const host = machine('nested-user', pids)
  const two = subjects(host, pids)

  it('reads what lies between two tasks', () => {
    const { pair, unread } = readPair(host, two, ['init', 'box'])
    expect(unread).toEqual([])
    expect([pair.a.name, pair.b.name]).toEqual(['init', 'box'])
    expect(pair.kernelIds).toBe(true)
    expect(pair.yama).toBeNull()
    expect(pair.b.uidMap).toEqual([{ inside: 0, outside: 100_000, count: 65_536 }])
    expect(pair.b.mounts).toMatchObject([{ mountPoint: '/', device: '8:1', peerGroup: 1 }])
    expect(pair.b.cgroups).toMatchObject([{ path: '/user.slice' }])
    // Of the initial one they are known; the file is of the children's namespace anyway.
    expect(pair.b.offsets?.boottime.seconds).toBe(0)
  })

  it('knows the user namespaces of both up to the initial one', () => {
    const { users } = readPair(host, two).pair.kinship
    const own = two[1].links.user as number
    let at: number | null | undefined = own
    let steps = 0
    while (typeof at === 'number' && steps++ < 10) at = users.get(at)?.parent
    expect(own).not.toBe(two[0].links.user)
    expect(steps).toBeGreaterThan(1)
    expect(users.has(two[0].links.user as number)).toBe(true)
  })

  it('says what it could not read', () => {
    const bare = fixtureHost('nested-user', {
      faults: [{ call: 'bytes', path: '3200/cgroup', errno: 'EACCES' }],
      files: { '1/mountinfo': MOUNTS, '3200/uid_map': Buffer.from('x\n') },
    })
    const { pair, unread } = readPair(bare, two)
    expect(pair.b).toMatchObject({ uidMap: null, cgroups: null })
    expect(unread).toEqual(
      expect.arrayContaining([
        { pid: 3200, file: 'uid_map', errno: 'EINVAL' },
        { pid: 3200, file: 'cgroup', errno: 'EACCES' },
      ]),
    )
  })

  it('knows no relatives where nsfs cannot be asked', () => {
    const { pair } = readPair({ ...host, describe: null }, two)
    expect([...pair.kinship.users, ...pair.kinship.pidParents]).toEqual([])
  })

  it('is an error where one is another process by now', () => {
    const [a, b] = two
    expect(() => readPair(host, [a, { ...b, startTicks: '1' }])).toThrowError(
      'there is no process 3200',
    )
  })

  it.each([
    ['0\n', 0],
    ['1\n', 1],
    ['3', 3],
    ['x\n', null],
    ['', null],
  ])('reads %j of Yama as %s', (text, scope) => {
    const files = { 'sys/kernel/yama/ptrace_scope': Buffer.from(text) }
    expect(readPair(fixtureHost('nested-user', { files }), two).pair.yama).toBe(scope)
  })

  it('reads the ancestors where Yama asks for them', () => {
    const ancestorsWith = (scope: string) => {
      const files = { 'sys/kernel/yama/ptrace_scope': Buffer.from(scope) }
      return readPair(fixtureHost('nested-user', { files }), two).pair.b.ancestors
    }
    expect(ancestorsWith('0')).toBeNull()
    expect(ancestorsWith('1')?.at(-1)).toBe(1)
  })
})

describe('the loopback interface of two in one network namespace', () => {
  const group = (index: number, name: string, ...groups: readonly string[]) =>
    `${index}\t${name.padEnd(10)}:     1      V3\n${groups.map((one) => `\t\t\t\t${one}     1 0:00000000\t\t0\n`).join('')}`
  const head = 'Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n'
  const up = head + group(1, 'lo', 'FB0000E0', '010000E0') + group(2, 'eth0', '010000E0')
  const renamed = head + group(1, 'foo', '010000E0')
  const down = head + group(1, 'lo') + group(2, 'eth0', '010000E0')
  const other = head + group(2, 'eth0', '010000E0')
  const six = '00000000000000000000000000000001 01 80 10 80      foo\n'
  const four = 'Main:\n           |-- 127.0.0.1\n              /32 host LOCAL\n'

  it.each([
    ['up', { igmp: up, if_inet6: six, fib_trie: four }, true],
    ['up with one kind of address', { igmp: up, if_inet6: '', fib_trie: four }, true],
    ['up without IPv6', { igmp: up, fib_trie: four }, true],
    ['up with another name', { igmp: renamed, if_inet6: six }, true],
    ['up without an address', { igmp: up, if_inet6: '', fib_trie: 'Main:\n' }, false],
    ['down, and keeps its addresses', { igmp: down, if_inet6: six, fib_trie: four }, false],
    ['down, as its neighbour is not', { igmp: other, if_inet6: six, fib_trie: four }, false],
    ['not told of', { if_inet6: six, fib_trie: four }, null],
  ])('is %s', (_, tables, loopback) => {
    const files = Object.fromEntries(
      Object.entries(tables).map(([name, text]) => [`1/net/${name}`, Buffer.from(text)]),
    )
    const host = fixtureHost('nested-user', { files })
    const [init] = subjects(host, [1, 3200])
    expect(readPair(host, [init, init]).pair.loopback).toBe(loopback)
  })

  it('is not asked for where they are in two', () => {
    const host = fixtureHost('nested-user')
    expect(readPair(host, subjects(host, [1, 3200])).pair.loopback).toBeNull()
  })
})
