import { describe, expect, it } from 'vitest'
import { planList } from '../../src/collect/plan.ts'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import { NEEDS, type Need } from '../../src/model/need.ts'
import { ask } from '../support/ask.ts'
import { fixtureHost } from '../support/fixture-host.ts'

function plan(
  needs: readonly Need[],
  more: {
    types?: readonly NsType[]
    task?: boolean
    descriptors?: boolean
    sockets?: boolean
  } = {},
) {
  return planList({
    ...{ types: NS_TYPE_NAMES, task: false, deep: false, descriptors: true, sockets: true },
    ...{ ...more, needs: new Set(needs), cmdlineBytes: 4096 },
  })
}

const DISCOVERY = ['processes', 'mounts', 'descriptors', 'sockets', 'relatives']

describe('the sources of a listing', () => {
  it.each<[string, string[], Parameters<typeof plan>]>([
    ['everything that can show a namespace', DISCOVERY, [[]]],
    ['no sockets without net', ['processes', 'mounts', 'descriptors'], [[], { types: ['uts'] }]],
    [
      'no relatives without user and pid, which alone outlive their processes',
      ['processes', 'mounts', 'descriptors', 'sockets'],
      [[], { types: ['net', 'mnt'] }],
    ],
    [
      'relatives for user',
      ['processes', 'mounts', 'descriptors', 'relatives'],
      [[], { types: ['user'] }],
    ],
    [
      'relatives for pid',
      ['processes', 'mounts', 'descriptors', 'relatives'],
      [[], { types: ['pid'] }],
    ],
    [
      'no descriptors where they are switched off',
      ['processes', 'mounts', 'relatives'],
      [['holders'], { descriptors: false, sockets: false }],
    ],
    [
      'no sockets where they are switched off',
      ['processes', 'mounts', 'descriptors', 'relatives'],
      [['holders'], { sockets: false }],
    ],
    ['nsids for their column', [...DISCOVERY, 'nsids'], [['nsid']]],
    [
      'no nsids without net',
      ['processes', 'mounts', 'descriptors'],
      [['nsid'], { types: ['uts'] }],
    ],
    [
      'relatives for their columns',
      ['processes', 'mounts', 'descriptors', 'relatives'],
      [['relatives'], { types: ['uts'] }],
    ],
    ['no scan at all of one process, where no column needs one', [], [[], { task: true }]],
    ['a scan for the number of processes', ['processes'], [['members'], { task: true }]],
    ['a scan for the leader', ['processes'], [['leader'], { task: true }]],
    ['nsfs alone for ids', ['relatives'], [['relatives'], { task: true }]],
    ['mounts alone for mounts', ['mounts'], [['mounts'], { task: true }]],
    ['nsids alone for nsids', ['nsids'], [['nsid'], { task: true }]],
    ['all for all', [...DISCOVERY, 'nsids'], [NEEDS, { task: true }]],
  ])('are %s', (_, sources, args) => {
    expect([...plan(...args).sources].sort()).toEqual([...sources].sort())
  })
})

describe('the details of a listing', () => {
  const none = { leaders: false, users: false, holders: false, cmdlineBytes: 0 }

  it.each<[readonly Need[], Partial<typeof none>]>([
    [[], {}],
    [['members', 'relatives', 'nsid', 'mounts'], {}],
    [['leader'], { leaders: true }],
    [['user'], { leaders: true, users: true }],
    [['command'], { leaders: true, cmdlineBytes: 4096 }],
    [['holders'], { holders: true }],
    [NEEDS, { leaders: true, users: true, holders: true, cmdlineBytes: 4096 }],
  ])('for %j are %j', (needs, details) => {
    expect(plan(needs).details).toEqual({ ...none, ...details })
  })
})

describe('what is read', () => {
  const calls = (asked: Parameters<typeof ask>[1]) => {
    const host = fixtureHost('bare-host')
    ask(host, asked)
    return host.procfs.calls
  }

  it('of one process for NS and TYPE is its links', () => {
    const read = calls({ task: 350, needs: new Set() })
    expect(read.filter((call) => /^(names|bytes \d|head)/.test(call))).toEqual([])
    expect(
      read
        .filter((call) => /^link \d+/.test(call))
        .every((call) => /^link (350|900)\/ns\//.test(call)),
    ).toBe(true)
  })

  it('without descriptors is no descriptor', () => {
    const read = calls({ descriptors: false, sockets: false })
    expect(read.filter((call) => call.includes('/fd'))).toEqual([])
  })

  it('for the numbers of processes is no file of any process', () => {
    const read = calls({ needs: new Set(['members']), types: ['uts'] })
    expect(read.filter((call) => / \d+\/(stat|status|cmdline)$/.test(call))).toEqual([])
  })

  it('of files is a few of the processes that are shown, not of all', () => {
    const read = calls({ types: ['mnt'], descriptors: false, sockets: false })
    const stats = read.filter((call) => call.endsWith('/stat')).map((call) => call.split(/[ /]/)[1])
    expect(stats).toEqual(['1', '25', '350', '610', '620', '31000'])
    expect(read.filter((call) => call.endsWith('/cmdline'))).toHaveLength(6)
  })

  it('of a network namespace are its socket tables, by one member, until all sockets are found', () => {
    const read = calls({ types: ['net'] })
    const tables = read.flatMap((call) => /^bytes (\d+\/net\/.*)/.exec(call)?.[1] ?? [])
    expect(tables.slice(0, 2)).toEqual(['1/net/unix', '1/net/netlink'])
    expect(tables.at(-1)).toBe('1/net/tcp')
    expect(tables).toHaveLength(12)
  })
})
