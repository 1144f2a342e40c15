import { expect, it } from 'vitest'
import { describeHolders } from '../../src/query/held-by.ts'
import type { HolderRow, Row } from '../../src/query/rows.ts'
import { machineRows, rowOfInum } from '../support/rows.ts'

const bare = rowOfInum(machineRows('bare-host'), 4026532190)
const process = { pid: 7, tid: null, startTicks: '1', comm: 'x' }
const blank = {
  process: null,
  container: null,
  fd: null,
  path: null,
  mountNamespace: null,
  namespace: null,
}

function held(holders: readonly HolderRow[], counts: Partial<Row['holderCounts']>): string | null {
  return describeHolders({
    ...bare,
    holders,
    holderCounts: { ...bare.holderCounts, process: 0, ...counts },
  })
}

it.each<[string | null, readonly Partial<HolderRow>[], Partial<Row['holderCounts']>]>([
  [null, [], {}],
  [null, [], { process: null }],
  ['1 process', [], { process: 1 }],
  ['2 processes', [], { process: 2 }],
  ['1 child, 2 owned namespaces', [], { child: 1, owned: 2 }],
  ['2 children, 1 owned namespace', [], { child: 2, owned: 1 }],
  ['fd 5 of x(7)', [{ kind: 'descriptor', process, fd: 5 }], {}],
  ['socket 6 of x(7)', [{ kind: 'socket', process, fd: 6 }], {}],
  ['thread 8 of x(7)', [{ kind: 'thread', process: { ...process, tid: 8 } }], {}],
  [
    '/run/a, /run/b',
    [
      { kind: 'mount', path: '/run/a' },
      { kind: 'mount', path: '/run/b' },
    ],
    {},
  ],
  [
    '/run/a',
    [
      { kind: 'mount', path: '/run/a' },
      { kind: 'mount', path: '/run/a' },
    ],
    {},
  ],
  ['fd 5 of a process that has ended', [{ kind: 'descriptor', fd: 5 }], {}],
  [
    '3 processes, fd 5 of x(7), /run/a, 1 child',
    [
      { kind: 'descriptor', process, fd: 5 },
      { kind: 'mount', path: '/run/a' },
    ],
    { process: 3, child: 1 },
  ],
])('says %j', (text, holders, counts) => {
  const rows = holders.map((holder) => ({ kind: 'child' as const, ...blank, ...holder }))
  expect(held(rows, counts)).toBe(text)
})
