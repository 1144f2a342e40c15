import { describe, expect, it } from 'vitest'
import { parseCgroupMemberships } from '../../src/kernel/cgroup-membership.ts'
import { parseIdMap } from '../../src/kernel/id-map.ts'
import { parseMessageQueues } from '../../src/kernel/mqueue.ts'
import { parseNsPids } from '../../src/kernel/ns-pids.ts'
import { parseResolvConf } from '../../src/kernel/resolv-conf.ts'
import { parseSysvTable } from '../../src/kernel/sysvipc.ts'
import { parseTimensOffsets } from '../../src/kernel/timens-offsets.ts'

describe('parseIdMap', () => {
  it.each([
    ['the initial map', '         0          0 4294967295\n', [[0, 0, 4294967295]]],
    ['a container', '         0     100000      65536\n', [[0, 100000, 65536]]],
    [
      'two lines',
      '0 1000 1\n1 100000 65536\n',
      [
        [0, 1000, 1],
        [1, 100000, 65536],
      ],
    ],
    ['ids that the reader has no number for', '0 4294967295 65536\n', [[0, null, 65536]]],
    ['a map that was not written', '', []],
  ])('reads %s', (_, text, lines) => {
    const expected = lines.map(([inside, outside, count]) => ({ inside, outside, count }))
    expect(parseIdMap(text)).toEqual(expected)
  })

  it.each(['0 0\n', '0 0 0 0\n', 'a b c\n', '0 -1 5\n', '0 0 1\nx\n'])('refuses %j', (text) => {
    expect(parseIdMap(text)).toBeNull()
  })
})

describe('parseTimensOffsets', () => {
  it('reads both clocks', () => {
    const text = 'monotonic           5         0\nboottime           -3 250000000\n'
    expect(parseTimensOffsets(text)).toEqual({
      monotonic: { seconds: 5, nanoseconds: 0 },
      boottime: { seconds: -3, nanoseconds: 250000000 },
    })
  })

  it('reads the numbers by which old kernels called the clocks', () => {
    expect(parseTimensOffsets('1 5 0\n7 6 0\n')).toEqual({
      monotonic: { seconds: 5, nanoseconds: 0 },
      boottime: { seconds: 6, nanoseconds: 0 },
    })
  })

  it.each(['', 'monotonic 0 0\n', 'monotonic x 0\nboottime 0 0\n', 'monotonic 0\nboottime 0\n'])(
    'refuses %j',
    (text) => {
      expect(parseTimensOffsets(text)).toBeNull()
    },
  )
})

// Captured inside of a new IPC namespace after msgget, semget and shmget with these keys.
const MSG = `       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime
      1234          0   644          16          2     0     0    33     0     0     0          0          0 1795552185
         0          1   600           0          0     0     0     0     0     0     0          0          0 1795552185
`
const SHM = `       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap
        -5          0   666                  4096  2879     0      0     0     0     0     0          0          0 1795552185                     0                     0
`

describe('parseSysvTable', () => {
  it('reads message queues', () => {
    const queues = parseSysvTable(MSG)
    expect(queues).toMatchObject([
      { key: 1234, id: 0, perms: '644', uid: 33, gid: 0, columns: { cbytes: 16, qnum: 2 } },
      { key: 0, id: 1, perms: '600' },
    ])
  })

  it('reads shared memory, a negative key included', () => {
    expect(parseSysvTable(SHM)).toMatchObject([
      { key: -5, id: 0, perms: '666', columns: { size: 4096, cpid: 2879, nattch: 0 } },
    ])
  })

  it('finds nothing below a heading alone', () => {
    expect(parseSysvTable(`${MSG.split('\n')[0]}\n`)).toEqual([])
  })

  it('knows columns by their names, wherever they stand', () => {
    const text = 'perms new key semid uid gid nsems\n600 7 1 2 3 4 5\n'
    expect(parseSysvTable(text)).toMatchObject([
      { key: 1, id: 2, perms: '600', uid: 3, gid: 4, columns: { nsems: 5, new: 7 } },
    ])
  })

  it.each([
    ['nothing', ''],
    ['no heading', '1234 0 644 0 0\n'],
    ['a line cut short', `${MSG.slice(0, -30)}`],
    ['a word among the numbers', 'key semid perms uid gid\n1 x 600 0 0\n'],
  ])('refuses %s', (_, text) => {
    expect(parseSysvTable(text)).toBeNull()
  })
})

const STATUS = 'QSIZE:0          NOTIFY:0     SIGNO:0     NOTIFY_PID:0     \n'

describe('parseMessageQueues', () => {
  it.each([
    ['none', '', []],
    ['one', `jobs\0${STATUS}\0`, [{ name: 'jobs', bytes: 0, notifyPid: null }]],
    [
      'one with a waiting message and somebody to be told',
      'a b\nc\0QSIZE:12 NOTIFY:0 SIGNO:10 NOTIFY_PID:77 \n\0',
      [{ name: 'a b\nc', bytes: 12, notifyPid: 77 }],
    ],
  ])('reads %s', (_, text, queues) => {
    expect(parseMessageQueues(Buffer.from(text))).toEqual(queues)
  })

  it.each(['jobs', 'jobs\0', 'jobs\0x\0', `jobs\0${STATUS}\0more`])('refuses %j', (text) => {
    expect(parseMessageQueues(Buffer.from(text))).toBeNull()
  })
})

describe('parseResolvConf', () => {
  it.each([
    ['nothing', '', [], [], []],
    ['servers in their order', 'nameserver 1.1.1.1\nnameserver ::1\n', ['1.1.1.1', '::1'], [], []],
    ['the last search list', 'search a b\nsearch c\n', [], ['c'], []],
    ['a domain in place of one', 'search a b\ndomain d\n', [], ['d'], []],
    [
      'options of several lines',
      'options ndots:5\noptions edns0 rotate\n',
      [],
      [],
      ['ndots:5', 'edns0', 'rotate'],
    ],
    [
      'comments and odd lines as nothing',
      '# nameserver 9.9.9.9\n;x\nnameserver\n nameserver 2.2.2.2\nnameservers 3.3.3.3',
      [],
      [],
      [],
    ],
    [
      'tabs, blanks at the end and no newline',
      'nameserver\t8.8.8.8 \nsearch  x\ty ',
      ['8.8.8.8'],
      ['x', 'y'],
      [],
    ],
  ])('reads %s', (_, text, nameservers, search, options) => {
    expect(parseResolvConf(text)).toEqual({ nameservers, search, options })
  })
})

describe('parseCgroupMemberships', () => {
  it('reads both versions', () => {
    const text = '9:name=systemd:/a\n2:cpu,cpuacct:/../b\n0::/c:d é\n'
    expect(parseCgroupMemberships(Buffer.from(text))).toEqual([
      { hierarchy: 9, controllers: ['name=systemd'], path: '/a' },
      { hierarchy: 2, controllers: ['cpu', 'cpuacct'], path: '/../b' },
      { hierarchy: 0, controllers: [], path: '/c:d é' },
    ])
  })

  it.each(['0:/a\n', 'x::/\n', '0::a\n'])('refuses %j', (text) => {
    expect(parseCgroupMemberships(Buffer.from(text))).toBeNull()
  })
})

describe('parseNsPids', () => {
  it.each([
    ['one level', 'Name:\tx\nNSpid:\t12\nNSpgid:\t12\n', [12]],
    ['three levels', 'Name:\tx\nNSpid:\t812\t7\t1\nNSpgid:\t12\n', [812, 7, 1]],
    ['none', 'Name:\tx\nPid:\t1\n', null],
    ['a line cut short', 'Name:\tx\nNSpid:\t812\t7', null],
  ])('reads %s', (_, text, pids) => {
    expect(parseNsPids(text)).toEqual(pids)
  })
})
