import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import { NEEDS } from '../../src/model/need.ts'
import { chooseColumns, listColumn } from '../../src/query/choose-columns.ts'
import { columnTable, LIST_COLUMNS, sortRows, tableOf } from '../../src/query/columns.ts'
import type { Row } from '../../src/query/rows.ts'
import { machineRows, namedRows, rowOfInum } from '../support/rows.ts'

const names = (columns: readonly { name: string }[]) => columns.map(({ name }) => name)
const ALL_TYPES: ReadonlySet<NsType> = new Set(NS_TYPE_NAMES)

// Retyped: a column that is added, renamed or moved changes the contract with scripts.
it('the columns of list are lsns-like first, then our own', () => {
  expect(names(LIST_COLUMNS)).toEqual([
    ...['NS', 'TYPE', 'PATH', 'NPROCS', 'PID', 'PPID', 'COMMAND', 'UID', 'USER'],
    ...['NETNSID', 'NSFS', 'PNS', 'ONS', 'ID', 'FLAG', 'OWNER-UID', 'HELD-BY', 'CONTAINER'],
  ])
})

// Retyped: what is read for a column is what it costs.
it.each([
  ['NS', []],
  ['TYPE', []],
  ['PATH', ['leader']],
  ['NPROCS', ['members']],
  ['PID', ['leader']],
  ['PPID', ['leader']],
  ['COMMAND', ['command']],
  ['UID', ['user']],
  ['USER', ['user']],
  ['NETNSID', ['nsid']],
  ['NSFS', ['mounts']],
  ['PNS', ['relatives']],
  ['ONS', ['relatives']],
  ['ID', ['relatives']],
  ['FLAG', []],
  ['OWNER-UID', ['relatives']],
  ['HELD-BY', ['holders']],
  ['CONTAINER', ['container']],
])('the column %s needs %j', (name, needs) => {
  expect(listColumn(name).needs).toEqual(needs)
})

it('every need is the need of a column', () => {
  expect(new Set(LIST_COLUMNS.flatMap(({ needs }) => needs))).toEqual(new Set(NEEDS))
})

describe('chooseColumns', () => {
  const choose = (output?: string, more: Partial<Parameters<typeof chooseColumns>[0]> = {}) =>
    names(
      chooseColumns({
        ...{ output: output?.split(','), all: false, types: ALL_TYPES, persistent: false },
        ...more,
      }),
    )

  it.each<[string, Parameters<typeof choose>, string]>([
    ['by default', [], 'NS TYPE NPROCS PID USER COMMAND'],
    [
      'of network namespaces alone',
      [undefined, { types: new Set(['net']) }],
      'NS TYPE NPROCS PID USER NETNSID NSFS COMMAND',
    ],
    [
      'of network and others',
      [undefined, { types: new Set(['net', 'uts']) }],
      'NS TYPE NPROCS PID USER COMMAND',
    ],
    ['of what has no processes', [undefined, { persistent: true }], 'NS TYPE ID HELD-BY'],
    ['as they are named', ['TYPE,NS'], 'TYPE NS'],
    ['in any case', ['type,Held-By'], 'TYPE HELD-BY'],
    ['twice, where they are named twice', ['NS,NS'], 'NS NS'],
    ['added to the usual ones, the command last', ['+ID'], 'NS TYPE NPROCS PID USER ID COMMAND'],
    ['added once', ['+NS,ID,id'], 'NS TYPE NPROCS PID USER ID COMMAND'],
    ['without the empty ones', ['NS,,TYPE,'], 'NS TYPE'],
    [
      'all, the command last',
      [undefined, { all: true }],
      'NS TYPE PATH NPROCS PID PPID UID USER NETNSID NSFS PNS ONS ID FLAG OWNER-UID HELD-BY CONTAINER COMMAND',
    ],
  ])('takes them %s', (_, args, expected) => {
    expect(choose(...args).join(' ')).toBe(expected)
  })

  it.each(['', ',', '+', 'NSS', 'NS,FOO', 'toString', 'NS TYPE'])('refuses %j', (output) => {
    expect(() => choose(output)).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ code: 'unknown-column', exitCode: 2 }),
      }),
    )
  })

  it('names the columns there are', () => {
    expect(() => choose('FOO')).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({
          target: 'FOO',
          hint: expect.stringContaining('NS, TYPE, PATH'),
        }),
      }),
    )
  })
})

const HOST = {
  procfs: '/proc',
  mntNs: { type: 'mnt', inum: 4026531832, id: '4' },
} as const

describe('the values of columns', () => {
  const cells = (row: Row) =>
    Object.fromEntries(LIST_COLUMNS.map((column) => [column.name, column.value(row, HOST)]))

  it('are those of the row', async () => {
    const row = rowOfInum(await namedRows('two-containers'), 4026532305)
    expect(cells(row)).toEqual({
      NS: 4026532305,
      TYPE: 'net',
      PATH: '/proc/1100/ns/net',
      NPROCS: 3,
      PID: 1100,
      PPID: 1000,
      COMMAND: 'nginx: master process nginx -g daemon off;',
      UID: 0,
      USER: 'root',
      NETNSID: 0,
      NSFS: '/run/docker/netns/3f2a9c',
      PNS: null,
      ONS: 4026531837,
      ID: '7305',
      FLAG: 'CLONE_NEWNET',
      'OWNER-UID': null,
      'HELD-BY': '3 processes, /run/docker/netns/3f2a9c, fd 14 of dockerd(500)',
      CONTAINER: 'docker:web',
    })
  })

  it('are null where there is nothing to say', () => {
    const row = rowOfInum(machineRows('pinned-net'), 4026532403)
    expect(cells(row)).toMatchObject({
      ...{ PATH: null, NPROCS: 0, PID: null, PPID: null, COMMAND: null, UID: null, USER: null },
      ...{ NETNSID: 'unassigned', NSFS: null, PNS: null, 'HELD-BY': 'fd 7 of holder(4100)' },
    })
  })

  it.each([
    ['hostile', 4026532706, 'COMMAND', '[ghost]'],
    ['bare-host', 4026531862, 'COMMAND', '[kdevtmpfs]'],
    ['two-containers', 4026532311, 'USER', '999'],
    ['nested-user', 4026532521, 'PNS', 4026532510],
    ['nested-user', 4026532521, 'OWNER-UID', 100000],
    ['nested-user', 4026532510, 'HELD-BY', '1 child, 2 owned namespaces'],
    ['nested-user', 4026532511, 'NETNSID', null],
    ['pinned-net', 4026532402, 'NSFS', '/run/netns/green,/srv/green'],
    ['pinned-net', 4026532405, 'HELD-BY', 'socket 5 of vpn(4200)'],
    ['pinned-net', 4026532407, 'NETNSID', null],
    ['unprivileged', 4026531832, 'NPROCS', '4~'],
    ['unprivileged', 4026531838, 'NPROCS', '3+'],
  ] as const)('of %s %i: %s is %j', (machine, inum, column, value) => {
    expect(listColumn(column).value(rowOfInum(machineRows(machine), inum), HOST)).toBe(value)
  })
})

describe('sortRows', () => {
  const rows = machineRows('two-containers')
  const sorted = (name: string, descending = false) =>
    sortRows(rows, { column: listColumn(name), descending }).map((row) =>
      listColumn(name).value(row, HOST),
    )

  it('compares numbers as numbers and text as text', () => {
    expect(sorted('NPROCS').slice(0, 6)).toEqual([1, 1, 1, 1, 1, 2])
    expect(sorted('NPROCS', true).slice(0, 3)).toEqual([9, 9, 6])
    expect(sorted('TYPE').slice(0, 4)).toEqual(['cgroup', 'cgroup', 'cgroup', 'ipc'])
  })

  it('puts rows without a value last, whichever way', () => {
    const pinned = machineRows('pinned-net')
    for (const descending of [false, true]) {
      const pids = sortRows(pinned, { column: listColumn('PID'), descending }).map(
        (row) => row.leader?.pid,
      )
      expect(pids.indexOf(undefined)).toBe(pids.filter((pid) => pid !== undefined).length)
    }
  })

  it('leaves equal rows in their order, and the rows given as they are', () => {
    const before = rows.map(({ inum }) => inum)
    const flags = sortRows(rows, { column: listColumn('FLAG'), descending: false })
    expect(flags.filter(({ type }) => type === 'pid').map(({ inum }) => inum)).toEqual([
      4026531836, 4026532304, 4026532314,
    ])
    expect(rows.map(({ inum }) => inum)).toEqual(before)
  })

  it('tells ids apart that are one number to a double', () => {
    const [first] = rows as [Row]
    const ids = ['18446744073709551615', '9007199254740993', '9007199254740992', '7']
    const column = listColumn('ID')
    const order = sortRows(
      ids.map((id) => ({ ...first, id })),
      { column, descending: false },
    )
    expect(order.map(({ id }) => id)).toEqual([...ids].reverse())
  })

  it('sorts counts of which some are lower bounds', () => {
    const column = listColumn('NPROCS')
    const counts = sortRows(machineRows('unprivileged'), { column, descending: true })
    expect(counts.map((row) => column.value(row, HOST)).slice(0, 3)).toEqual(['5~', '4~', '3+'])
  })
})

it('tableOf has a cell for each row and column', () => {
  const rows = machineRows('pinned-net')
  const table = tableOf(rows, [listColumn('NS'), listColumn('TYPE')], HOST)
  expect(table.rows[0]).toEqual([4026531832, 'mnt'])
  expect(table.rows).toHaveLength(rows.length)
})

it('columnTable describes each column', () => {
  const { columns, rows } = columnTable(LIST_COLUMNS)
  expect(names(columns)).toEqual(['NAME', 'DESCRIPTION'])
  expect(rows.map(([name]) => name)).toEqual(names(LIST_COLUMNS))
  for (const [, description] of rows) expect(description).toMatch(/^\S.{5,70}[^.]$/)
})
