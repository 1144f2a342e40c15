import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEffectiveUid, parseStatus } from '../../src/kernel/proc-status.ts'

const status = (uids: string, name = 'bash') =>
  Buffer.from(
    `Name:\t${name}\nUmask:\t0022\nState:\tS (sleeping)\nUid:\t${uids}\nGid:\t9\t9\t9\t9\n`,
  )

describe('parseEffectiveUid', () => {
  it.each([
    ['0\t0\t0\t0', 0],
    ['1000\t0\t0\t0', 0],
    ['0\t1000\t0\t0', 1000],
    ['0\t4294967295\t0\t0', 4294967295],
  ])('takes the second of %j', (uids, uid) => {
    expect(parseEffectiveUid(status(uids))).toBe(uid)
  })

  it('does not believe a name that looks like the line', () => {
    expect(parseEffectiveUid(status('0\t5\t0\t0', 'a\\nUid:\t7\t7\t7\t7'))).toBe(5)
  })

  it.each([
    ['nothing', ''],
    ['no such line', 'Name:\tbash\nGid:\t1\t1\t1\t1\n'],
    ['the line first', 'Uid:\t1\t1\t1\t1\n'],
    ['too few numbers', 'Name:\ta\nUid:\t1\t1\t1\n'],
    ['too many numbers', 'Name:\ta\nUid:\t1\t1\t1\t1\t1\n'],
    ['blanks instead of tabs', 'Name:\ta\nUid:\t1 1 1 1\n'],
    ['a negative number', 'Name:\ta\nUid:\t1\t-1\t1\t1\n'],
    ['a line cut short', 'Name:\ta\nUid:\t1\t1\t1\t1'],
  ])('has nothing to say of %s', (_, text) => {
    expect(parseEffectiveUid(Buffer.from(text))).toBeNull()
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseEffectiveUid(Buffer.from(bytes))))
  })
})

/** As Linux 6.18 writes it, with the lines that are not read left in between. */
const LINES = {
  Name: 'sh',
  Umask: '0022',
  State: 'S (sleeping)',
  Tgid: '812',
  Ngid: '0',
  Pid: '813',
  Uid: '1000\t1001\t1002\t1003',
  Gid: '2000\t2001\t2002\t2003',
  FDSize: '64',
  Groups: '4 27 1000 ',
  NStgid: '812\t7',
  NSpid: '813\t8',
  Threads: '2',
  SigQ: '0/31427',
  CapInh: '0000000000000001',
  CapPrm: '000001ffffffffff',
  CapEff: '00000000a80425fb',
  CapBnd: '000001ffffdfffff',
  CapAmb: '0000000000000000',
  NoNewPrivs: '1',
  Seccomp: '2',
  Seccomp_filters: '3',
  Speculation_Store_Bypass: 'not vulnerable',
}

function statusWith(changes: Partial<Record<keyof typeof LINES, string | undefined>>): Buffer {
  const lines = Object.entries({ ...LINES, ...changes })
  const text = lines.flatMap(([name, value]) => (value === undefined ? [] : `${name}:\t${value}\n`))
  return Buffer.from(text.join(''))
}

describe('parseStatus', () => {
  it('reads who a task is and what it may', () => {
    expect(parseStatus(statusWith({}))).toEqual({
      tgid: 812,
      threads: 2,
      nsPids: [813, 8],
      nsTgids: [812, 7],
      credentials: {
        uid: { real: 1000, effective: 1001, saved: 1002, fs: 1003 },
        gid: { real: 2000, effective: 2001, saved: 2002, fs: 2003 },
        groups: [4, 27, 1000],
        capabilities: {
          inheritable: '0000000000000001',
          permitted: '000001ffffffffff',
          effective: '00000000a80425fb',
          bounding: '000001ffffdfffff',
          ambient: '0000000000000000',
        },
        noNewPrivs: true,
        seccomp: 2,
        seccompFilters: 3,
        umask: '0022',
      },
    })
  })

  it.each([
    ['Groups', '', { groups: [] }],
    ['Umask', undefined, { umask: null }],
    ['Umask', '9999', { umask: null }],
    ['NoNewPrivs', '0', { noNewPrivs: false }],
    ['NoNewPrivs', undefined, { noNewPrivs: null }],
    ['Seccomp', '7', { seccomp: null }],
    ['Seccomp', undefined, { seccomp: null }],
    ['Seccomp_filters', undefined, { seccompFilters: null }],
    ['Uid', '0\t0\t0\t4294967295', { uid: { real: 0, effective: 0, saved: 0, fs: 4294967295 } }],
  ] as const)('reads a line %s: %j', (name, value, expected) => {
    expect(parseStatus(statusWith({ [name]: value }))?.credentials).toMatchObject(expected)
  })

  it('knows that a kernel without ambient capabilities gives none', () => {
    const { credentials } = parseStatus(statusWith({ CapAmb: undefined })) ?? {}
    expect(credentials?.capabilities.ambient).toBe('0000000000000000')
  })

  it.each(['NSpid', 'NStgid'] as const)('has no pids without the line %s', (name) => {
    const parsed = parseStatus(statusWith({ [name]: undefined }))
    expect(name === 'NSpid' ? parsed?.nsPids : parsed?.nsTgids).toEqual([])
  })

  it('believes the first of two lines', () => {
    const bytes = Buffer.concat([statusWith({}), statusWith({ Tgid: '1', Threads: '9' })])
    expect(parseStatus(bytes)).toMatchObject({ tgid: 812, threads: 2 })
  })

  it('does not believe a name that looks like lines', () => {
    const parsed = parseStatus(statusWith({ Name: 'a\\nTgid:\t1\\nUid:\t0\t0\t0\t0' }))
    expect(parsed).toMatchObject({ tgid: 812, credentials: { uid: { real: 1000 } } })
  })

  it.each([
    ['Uid', undefined],
    ['Uid', '0\t0\t0'],
    ['Uid', '0\t0\t0\t0\t0'],
    ['Uid', '0\t-1\t0\t0'],
    ['Gid', 'root'],
    ['Groups', undefined],
    ['Groups', '1 x'],
    ['CapEff', undefined],
    ['CapEff', ''],
    ['CapEff', '0x1'],
    ['CapBnd', '1ffffffffffffffff'],
    ['CapAmb', 'zz'],
  ])('makes up no rights for a line %s: %j', (name, value) => {
    expect(parseStatus(statusWith({ [name]: value }))).toMatchObject({
      tgid: 812,
      credentials: null,
    })
  })

  it.each([
    ['nothing', Buffer.from('')],
    ['no process', statusWith({ Tgid: undefined })],
    ['a process 0', statusWith({ Tgid: '0' })],
    ['a process that is no number', statusWith({ Tgid: '1e3' })],
    ['no number of threads', statusWith({ Threads: undefined })],
    ['an end before the threads', statusWith({}).subarray(0, 40)],
    ['a number cut short', Buffer.from('Tgid:\t8\nThreads:\t12')],
  ])('has nothing to say of %s', (_, bytes) => {
    expect(parseStatus(bytes)).toBeNull()
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseStatus(Buffer.from(bytes))))
  })
})
