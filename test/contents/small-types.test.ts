import { describe, expect, it } from 'vitest'
import type { Answers } from '../../src/contents/contents.ts'
import { ipcContents } from '../../src/contents/ipc.ts'
import { pidContents } from '../../src/contents/pid.ts'
import { timeContents } from '../../src/contents/time.ts'
import { userContents } from '../../src/contents/user.ts'
import { utsContents } from '../../src/contents/uts.ts'

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))

describe('uts', () => {
  it.each<[string, Answers, object, string]>([
    [
      'uname',
      { uname: text('web-1\0(none)') },
      { hostname: 'web-1', domainname: null, unknown: [] },
      'web-1',
    ],
    [
      'a domain',
      { uname: text('a\0corp') },
      { hostname: 'a', domainname: 'corp', unknown: [] },
      'a, domain corp',
    ],
    [
      'an empty name',
      { uname: text('\0') },
      { hostname: '', domainname: null, unknown: [] },
      'no hostname',
    ],
    [
      'our own',
      { uname: 'EPERM', hostname: text('home\n'), domainname: text('(none)\n') },
      { hostname: 'home', domainname: null, unknown: [] },
      'home',
    ],
    ['nothing', { uname: 'EPERM' }, { hostname: null, unknown: ['hostname', 'domainname'] }, ''],
  ])('reads %s', (_, answers, contents, summary) => {
    expect(utsContents.parse(answers)).toMatchObject(contents)
    expect(utsContents.summarise(utsContents.parse(answers))).toBe(summary)
  })
})

describe('user', () => {
  const maps = (map: string): Answers => ({
    uidMap: text(map),
    gidMap: text(map),
    projidMap: text(''),
    setgroups: text('deny\n'),
  })

  it.each<[string, Answers, string]>([
    ['a container', maps('0 100000 65536\n'), 'uid 0→100000 (65536), setgroups denied'],
    ['the initial one', maps('0 0 4294967295\n'), 'uid 0→0 (all), setgroups denied'],
    ['one without maps', maps(''), 'uid not mapped, setgroups denied'],
    ['an unrelated reader', maps('0 4294967295 1\n'), 'uid 0→? (1), setgroups denied'],
    [
      'other groups',
      {
        ...maps('0 1000 1\n1 100000 65536\n'),
        gidMap: text('0 5 1\n'),
        setgroups: text('allow\n'),
      },
      'uid 0→1000 (1) 1→100000 (65536), gid 0→5 (1)',
    ],
  ])('sums up %s', (_, answers, summary) => {
    expect(userContents.parse(answers).unknown).toEqual([])
    expect(userContents.summarise(userContents.parse(answers))).toBe(summary)
  })

  it('names each field that could not be read', () => {
    const answers = { uidMap: 'EPERM', gidMap: text('x'), projidMap: null, setgroups: 'EIO' }
    const contents = userContents.parse(answers)
    expect(contents.unknown).toEqual(['uidMap', 'gidMap', 'projidMap', 'setgroups'])
    expect(userContents.summarise(contents)).toBe('')
  })

  it('knows that a kernel without setgroups has none', () => {
    const contents = userContents.parse({ ...maps(''), setgroups: 'ENOENT' })
    expect(contents).toMatchObject({ setgroups: null, unknown: [] })
  })
})

describe('time', () => {
  it.each([
    ['none', 'monotonic 0 0\nboottime 0 0\n', 'no offsets'],
    ['one', 'monotonic 86400 0\nboottime 0 0\n', 'monotonic +86400 s'],
    [
      'negative ones',
      'monotonic -2 750000000\nboottime -1 0\n',
      'monotonic -1.25 s, boottime -1 s',
    ],
    ['parts of a second', 'monotonic 0 1000\nboottime 0 0\n', 'monotonic +0.000001 s'],
  ])('sums up %s', (_, offsets, summary) => {
    expect(timeContents.summarise(timeContents.parse({ offsets: text(offsets) }))).toBe(summary)
  })

  it('says that the offsets of another namespace are not ours', () => {
    const contents = timeContents.parse({ offsets: 'ESTALE' })
    expect(contents).toMatchObject({ monotonic: null, unknown: ['monotonic', 'boottime'] })
    expect(timeContents.summarise(contents)).toBe('')
  })
})

describe('pid', () => {
  it.each([
    ['the top', 'x\nNSpid:\t7\n', 0, 'level 0'],
    ['two below', 'x\nNSpid:\t700\t50\t1\n', 2, 'level 2, pid 1 inside'],
    ['an old kernel', 'x\n', null, ''],
  ])('tells the level of %s', (_, status, level, summary) => {
    const contents = pidContents.parse({ status: text(status), init: 'ENOTSUP' })
    expect(contents).toMatchObject({ level, init: null })
    expect(contents.unknown).toContain('init')
    expect(pidContents.summarise(contents)).toBe(summary)
  })

  const STATUS = text('x\nNSpid:\t700\t50\n')
  it.each<[string, Answers, number | null, string]>([
    [
      'is told',
      { status: STATUS, init: text('4711') },
      4711,
      'level 1, pid 50 inside, init is 4711',
    ],
    [
      'has ended',
      { status: STATUS, init: 'ESRCH' },
      null,
      'level 1, pid 50 inside, its init has ended',
    ],
    ['is all there is', { status: null, init: text('4711') }, 4711, 'init is 4711'],
  ])('says of its init that it %s', (_, answers, init, summary) => {
    const contents = pidContents.parse(answers)
    expect({ init: contents.init, unknown: contents.unknown.includes('init') }).toEqual({
      init,
      unknown: false,
    })
    expect(pidContents.summarise(contents)).toBe(summary)
  })

  it('does not take a pid for a difference', () => {
    const [a, b] = ['x\nNSpid:\t7\t1\n', 'x\nNSpid:\t8\t2\n'].map((status) =>
      pidContents.parse({ status: text(status) }),
    )
    expect(pidContents.compare(a as never, b as never)).toEqual([])
  })
})

describe('ipc', () => {
  const msg = 'key msqid perms cbytes qnum uid gid\n'
  const sem = 'key semid perms nsems uid gid\n'
  const shm = 'key shmid perms size cpid nattch uid gid\n'
  const empty: Answers = { msg: text(msg), sem: text(sem), shm: text(shm), mqueues: text('') }
  const status = 'QSIZE:0 NOTIFY:0 SIGNO:0 NOTIFY_PID:0 \n'

  it.each<[string, Answers, string]>([
    ['nothing', empty, 'empty'],
    [
      'one of each',
      {
        msg: text(`${msg}1 0 600 0 0 0 0\n`),
        sem: text(`${sem}1 0 600 3 0 0\n`),
        shm: text(`${shm}1 0 600 4194304 1 0 0 0\n0 1 600 512 1 0 0 0\n`),
        mqueues: text(`jobs\0${status}\0`),
      },
      '2 segments (4 MiB), 1 semaphore set, 1 queue, 1 POSIX queue',
    ],
    ['small memory', { ...empty, shm: text(`${shm}1 0 600 100 1 0 0 0\n`) }, '1 segment (100 B)'],
  ])('sums up %s', (_, answers, summary) => {
    const contents = ipcContents.parse(answers)
    expect(contents.unknown).toEqual([])
    expect(ipcContents.summarise(contents)).toBe(summary)
  })

  it('takes our own tables where the namespace cannot be entered, and says what is missing', () => {
    const contents = ipcContents.parse({
      ...{ msg: 'EPERM', sem: 'EPERM', shm: 'EPERM', mqueues: 'EPERM' },
      ...{ ownMsg: text(`${msg}1 0 600 0 0 0 0\n`), ownSem: text(sem), ownShm: text(shm) },
    })
    expect(contents.queues).toHaveLength(1)
    expect(contents.unknown).toEqual(['mqueues'])
  })

  it('does not call a namespace empty of which something could not be read', () => {
    expect(ipcContents.summarise(ipcContents.parse({ ...empty, mqueues: 'EPERM' }))).toBe('')
  })

  it('compares by key, and private ones by id', () => {
    const [a, b] = [
      '1234 0 600 3 9 0 0\n0 7 600 0 0 0 0\n',
      '1234 5 600 0 0 0 0\n0 8 600 0 0 0 0\n',
    ].map((rows) => ipcContents.parse({ ...empty, msg: text(msg + rows) }))
    const differences = ipcContents.compare(a as never, b as never)
    expect(differences.map(({ path }) => path)).toEqual([
      ['queues', 'private 7'],
      ['queues', 'private 8'],
    ])
  })
})
