import { describe, expect, it, vi } from 'vitest'
import { type ContentsPlace, collectContents } from '../../src/collect/contents.ts'
import type { Host, NsHandle, ProcessScan } from '../../src/host/port.ts'
import type { NsType } from '../../src/kernel/namespace-types.ts'
import type { FileContent, InsideQuestion } from '../../src/model/inside.ts'
import { CAPTURED_DUMPS, capturedDump, capturedTable } from '../support/captured-net.ts'
import { denied, type FakeFiles, fakeHost, statText } from '../support/fake-host.ts'

const handleOf = (type: NsType, inum: number): NsHandle => ({ kind: 'link', pid: 7, type, inum })

function place(type: NsType, inum: number, ...pids: readonly number[]): ContentsPlace {
  return { type, inum, pids, handle: handleOf(type, inum) }
}

/** A process in one namespace. */
function member(pid: number, type: NsType, inum: number): FakeFiles {
  return { [`${pid}/stat`]: statText(pid, 1000 + pid), [`${pid}/ns/${type}`]: `${type}:[${inum}]` }
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const file = (text: string, cut = false): FileContent => ({
  ...{ bytes: bytes(text), cut, uid: 0, gid: 0, mode: 0o644 },
})
const inside = (answers: Readonly<Record<string, string>>): NonNullable<Host['inside']> =>
  vi.fn((_: NsHandle, questions: readonly InsideQuestion[]) =>
    questions.map((question) =>
      bytes(answers['file' in question ? question.file : question.ask] ?? ''),
    ),
  )

async function only(host: Host, asked: ContentsPlace, options = {}) {
  const { contents, gaps } = await collectContents(host, [asked], options)
  return { contents: contents.get(asked.inum), gaps }
}

const MAPS: FakeFiles = {
  '7/uid_map': '0 1000 1\n',
  '7/gid_map': '0 1000 1\n',
  '7/projid_map': '',
  '7/setgroups': 'deny\n',
}

describe('what is read', () => {
  it('is what the types asked for need, and nothing else', async () => {
    const host = fakeHost({ ...member(7, 'user', 5), ...MAPS })
    const { contents, gaps } = await only(host, place('user', 5, 7))
    expect(contents).toMatchObject({ type: 'user', setgroups: 'deny', unknown: [] })
    expect(gaps).toEqual([])
    const identity = ['7/stat', '7/ns/user']
    expect(host.procfs.calls).toEqual([
      ...identity,
      ...['7/uid_map', '7/gid_map', '7/projid_map', '7/setgroups'],
      ...identity,
    ])
  })

  it('enters each namespace once, with all its questions', async () => {
    const ask = inside({ uname: 'web\0(none)', mqueues: '' })
    await collectContents(fakeHost({}, { inside: ask }), [place('uts', 1), place('ipc', 2)])
    expect(ask).toHaveBeenCalledTimes(2)
    expect(ask).toHaveBeenCalledWith(handleOf('uts', 1), [{ ask: 'uname' }])
    const [, questions] = vi.mocked(ask).mock.calls[1] ?? []
    expect(questions).toHaveLength(4)
  })

  it('reads all files below other roots in one go', async () => {
    const readFiles = vi.fn(async () => [file('nameserver 1.1.1.1\n'), 'EACCES'])
    const host = fakeHost({ ...member(7, 'net', 1), ...member(8, 'net', 2) }, { readFiles })
    const found = await collectContents(host, [place('net', 1, 7), place('net', 2, 8)])
    expect(readFiles).toHaveBeenCalledTimes(1)
    expect(readFiles).toHaveBeenCalledWith([
      { root: '/proc/7/root', path: 'etc/resolv.conf', limit: 65536 },
      { root: '/proc/8/root', path: 'etc/resolv.conf', limit: 65536 },
    ])
    expect(found.contents.get(1)).toMatchObject({ dns: { nameservers: ['1.1.1.1'] } })
    expect(found.contents.get(2)).toMatchObject({ dns: null })
    expect(found.contents.get(2)?.unknown).toContain('dns')
    expect(found.gaps).toContainEqual({ source: 'contents', errno: 'EACCES', count: 1, pids: [8] })
  })

  it('does not take half of a file for all of it', async () => {
    const readFiles = async () => [file('nameserver 1.1.1.1\n', true)]
    const { contents, gaps } = await only(
      fakeHost(member(7, 'net', 1), { readFiles }),
      place('net', 1, 7),
    )
    expect(contents?.unknown).toContain('dns')
    expect(gaps).toContainEqual({ source: 'contents', errno: 'EFBIG', count: 1, pids: [7] })
  })
})

describe('what stands in for another way', () => {
  const dumps: Host['inside'] = (_, questions) =>
    questions.map((_, i) => capturedDump(CAPTURED_DUMPS[i] as string))

  it('is not read where that was enough', async () => {
    const readFiles = async () => ['ENOENT' as const]
    const host = fakeHost(member(7, 'net', 1), { inside: dumps, readFiles })
    const { contents, gaps } = await only(host, place('net', 1, 7))
    expect(contents).toMatchObject({ unknown: [], interfaces: { length: 5 } })
    expect(host.procfs.calls.filter((call) => call.includes('/net/'))).toEqual([])
    expect(gaps).toEqual([])
  })

  it('is read where that failed, and the failure is told', async () => {
    const tables = Object.fromEntries(
      ['dev', 'if_inet6', 'fib_trie', 'route', 'ipv6_route', 'tcp', 'tcp6', 'udp', 'udp6'].map(
        (name) => [`7/net/${name}`, capturedTable(name)],
      ),
    )
    const host = fakeHost(
      { ...member(7, 'net', 1), ...tables },
      {
        inside: (_, questions) => questions.map(() => 'EPERM'),
        readFiles: async () => ['ENOENT' as const],
      },
    )
    const { contents, gaps } = await only(host, place('net', 1, 7))
    expect(contents).toMatchObject({ interfaces: { length: 5 }, listening: { length: 4 } })
    expect(contents?.unknown).toContain('interfaces.mac')
    expect(contents?.unknown).not.toContain('listening')
    expect(gaps).toEqual([{ source: 'contents', errno: 'EPERM', count: 1, pids: [7] }])
  })

  it('is read where that did not tell it all: of a chrooted process', async () => {
    const statmount = vi.fn(() => 'ENOSYS' as const)
    const files = { ...member(7, 'mnt', 1), '7/mountinfo': '1 2 0:3 / /x rw - tmpfs tmpfs rw\n' }
    const { contents } = await only(fakeHost(files, { statmount }), place('mnt', 1, 7))
    expect(statmount).toHaveBeenCalledWith(handleOf('mnt', 1))
    expect(contents).toMatchObject({ unknown: ['root', 'mounts'], mounts: { length: 1 } })
  })

  it('is our own file, for our own namespace alone', async () => {
    const files = {
      ...member(900, 'uts', 1),
      'sys/kernel/hostname': 'home\n',
      'sys/kernel/domainname': '(none)\n',
    }
    const host = fakeHost(files, {
      readerPid: 900,
      inside: (_, questions) => questions.map(() => 'EPERM'),
    })
    const found = await collectContents(host, [place('uts', 1, 900), place('uts', 2)])
    expect(found.contents.get(1)).toMatchObject({ hostname: 'home', unknown: [] })
    expect(found.contents.get(2)).toMatchObject({ hostname: null })
    // Nothing is missing of our own, so the refusal there is no gap.
    expect(found.gaps).toEqual([{ source: 'contents', errno: 'EPERM', count: 1, pids: [] }])
  })
})

describe('a process that a namespace is read through', () => {
  /** The first answers, then the last one for good. */
  const inTurn = (...answers: readonly string[]) => {
    const left = [...answers]
    return () => (left.length > 1 ? left.shift() : left[0]) as string
  }
  const map8 = {
    '8/uid_map': '0 8 1\n',
    '8/gid_map': '',
    '8/projid_map': '',
    '8/setgroups': 'deny\n',
  }

  it('is the next one, where the first has ended', async () => {
    const host = fakeHost({ ...member(8, 'user', 5), ...map8 })
    const { contents, gaps } = await only(host, place('user', 5, 7, 8))
    expect(contents).toMatchObject({ uidMap: [{ outside: 8 }], unknown: [] })
    expect(gaps).toEqual([])
  })

  it.each<[string, FakeFiles]>([
    ['ended and gave its pid away', { '7/stat': inTurn(statText(7, 1), statText(7, 2)) }],
    ['went elsewhere', { '7/ns/user': inTurn('user:[5]', 'user:[6]') }],
    ['is elsewhere', { '7/ns/user': 'user:[6]' }],
  ])('does not count where it %s meanwhile', async (_, change) => {
    const files = { ...member(7, 'user', 5), ...MAPS, ...change }
    const alone = await only(fakeHost(files), place('user', 5, 7))
    expect(alone.contents).toMatchObject({
      uidMap: [],
      unknown: ['uidMap', 'gidMap', 'projidMap', 'setgroups'],
    })
  })

  it('is replaced by the next where it went elsewhere meanwhile', async () => {
    const gone = { '7/ns/user': inTurn('user:[5]', 'user:[6]') }
    const host = fakeHost({
      ...member(7, 'user', 5),
      ...MAPS,
      ...gone,
      ...member(8, 'user', 5),
      ...map8,
    })
    const { contents } = await only(host, place('user', 5, 7, 8))
    expect(contents).toMatchObject({ uidMap: [{ outside: 8 }], unknown: [] })
  })

  it('is the one whose link opens the namespace', async () => {
    const ask = inside({ uname: 'web\0(none)' })
    const host = fakeHost(member(8, 'uts', 5), { inside: ask })
    const { contents } = await only(host, place('uts', 5, 7, 8))
    expect(contents).toMatchObject({ hostname: 'web' })
    expect(ask).toHaveBeenCalledWith({ ...handleOf('uts', 5), pid: 8 }, expect.anything())
  })

  it('counts where its link may not be read: it is a member by inference', async () => {
    const host = fakeHost({ ...member(7, 'user', 5), ...MAPS, '7/ns/user': denied('EACCES') })
    const { contents } = await only(host, place('user', 5, 7))
    expect(contents).toMatchObject({ uidMap: [{ outside: 1000 }], unknown: [] })
  })

  it('tells the offsets of the time namespace of its children', async () => {
    const files = {
      ...{
        '7/stat': statText(7, 1),
        '7/ns/time': 'time:[1]',
        '7/ns/time_for_children': 'time:[2]',
      },
      '7/timens_offsets': 'monotonic 5 0\nboottime 0 0\n',
    }
    const initial = await only(fakeHost(files), place('time', 4026531834, 7))
    expect(initial.contents).toMatchObject({ monotonic: { seconds: 0 }, unknown: [] })
    const own = await only(fakeHost(files), place('time', 1, 7))
    expect(own.contents?.unknown).toEqual(['monotonic', 'boottime'])
    const children = await only(fakeHost(files), place('time', 2, 7))
    expect(children.contents).toMatchObject({ monotonic: { seconds: 5 }, unknown: [] })
  })
})

describe('what cannot be read', () => {
  it('is unknown, with a gap for why', async () => {
    const files = { ...member(7, 'user', 5), ...MAPS, '7/gid_map': denied('EPERM') }
    const { contents, gaps } = await only(fakeHost(files), place('user', 5, 7))
    expect(contents?.unknown).toEqual(['gidMap'])
    expect(gaps).toEqual([{ source: 'contents', errno: 'EPERM', count: 1, pids: [7] }])
  })

  it('is unknown without a gap, where there is nobody to ask', async () => {
    const { contents, gaps } = await only(fakeHost({}), { ...place('user', 5), handle: null })
    expect(contents?.unknown).toHaveLength(4)
    expect(gaps).toEqual([])
  })

  it('is unknown without the addon, and that is told', async () => {
    const { contents, gaps } = await only(fakeHost({}), place('uts', 5))
    expect(contents?.unknown).toEqual(['hostname', 'domainname'])
    expect(gaps).toEqual([{ source: 'contents', errno: 'ENOTSUP', count: 1, pids: [] }])
  })

  it('stops the reading where it is for our own lack of resources', async () => {
    const files = { ...member(7, 'user', 5), ...MAPS, '7/gid_map': denied('EMFILE') }
    await expect(only(fakeHost(files), place('user', 5, 7))).rejects.toMatchObject({
      details: { code: 'out-of-resources' },
    })
  })
})

describe('the cgroup of a process', () => {
  const OWN = '30 1 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n'
  const files = {
    ...member(7, 'cgroup', 5),
    ...member(900, 'cgroup', 4),
    '7/cgroup': '0::/docker/a\n',
    'self/mountinfo': OWN,
  }
  const frozen = file('populated 1\nfrozen 1\n')

  it('is read from both sides, and its state where we have it mounted', async () => {
    const ask = inside({ '7/cgroup': '0::/\n' })
    const readFiles = vi.fn(async () => [frozen])
    const host = fakeHost(files, { readerPid: 900, inside: ask, readFiles })
    const { contents, gaps } = await only(host, place('cgroup', 5, 7))
    expect(contents).toMatchObject({ root: '/docker/a', frozen: true, unknown: [] })
    expect(gaps).toEqual([])
    expect(readFiles).toHaveBeenCalledWith([
      { root: '/', path: 'sys/fs/cgroup/docker/a/cgroup.events', limit: 4096 },
    ])
  })

  it.each([
    ['we have it not mounted', 'self/mountinfo', ''],
    ['it is above of our own root', '7/cgroup', '0::/../a\n'],
    ['it is not below of what we have mounted', 'self/mountinfo', OWN.replace(' / ', ' /other ')],
  ])('has an unknown state where %s', async (_, name, text) => {
    const host = fakeHost(
      { ...files, [name]: text },
      { readerPid: 900, inside: inside({ '7/cgroup': '0::/\n' }), readFiles: async () => [frozen] },
    )
    const { contents, gaps } = await only(host, place('cgroup', 5, 7))
    expect(contents?.unknown).toContain('frozen')
    expect(gaps).toEqual([{ source: 'contents', errno: 'ENODEV', count: 1, pids: [7] }])
  })
})

describe('sockets and ends of interfaces', () => {
  const dumps: Host['inside'] = (_, questions) =>
    questions.map((_, i) => capturedDump(CAPTURED_DUMPS[i] as string))
  const base = { inside: dumps, readFiles: async () => ['ENOENT' as const] }

  function scanWith(inode: number, errno: number): Host['scanProcesses'] {
    return (): ProcessScan => ({
      ...{ inums: new Uint32Array(), errnos: new Uint8Array(), descriptors: [], undecided: 0 },
      descriptorErrnos: Uint8Array.of(errno),
      sockets: {
        ...{ pids: Int32Array.of(7, 7), fds: Int32Array.of(3, 5) },
        inodes: Float64Array.of(inode, 1),
      },
    })
  }

  async function listening(errno: number) {
    const first = await only(fakeHost(member(7, 'net', 1), base), place('net', 1, 7))
    const rows = first.contents?.type === 'net' ? first.contents.listening : []
    const scanProcesses = scanWith(rows[0]?.inode ?? 0, errno)
    const readProcesses: Host['readProcesses'] = (pids) =>
      [...pids].map((pid) => ({
        stat: Buffer.from(statText(pid, 70)),
        cgroup: null,
        status: null,
        cmdline: null,
      }))
    const host = fakeHost(member(7, 'net', 1), { ...base, scanProcesses, readProcesses })
    return { first: rows, ...(await only(host, place('net', 1, 7), { owners: true })) }
  }

  it('have their processes where that is asked', async () => {
    const { first, contents, gaps } = await listening(0)
    expect(first.map(({ processes }) => processes)).toEqual([null, null, null, null])
    expect(contents).toMatchObject({
      unknown: [],
      listening: [
        { processes: [{ pid: 7, tid: null, startTicks: '70', comm: 'x', fd: 3 }] },
        ...[{ processes: [] }, { processes: [] }, {}],
      ],
    })
    expect(gaps).toEqual([])
  })

  it('may have more processes where descriptors could not be read', async () => {
    const { contents, gaps } = await listening(13)
    expect(contents?.unknown).toEqual(['listening.processes'])
    expect(gaps).toEqual([{ source: 'contents', errno: 'EACCES', count: 1, pids: [7] }])
  })

  const peers = [1, 2, 3].map((inum) => ({ inum, handle: handleOf('net', inum) }))
  const nsids = (...numbers: readonly number[]): NonNullable<Host['peerNsids']> =>
    vi.fn(() => ({ nsids: Int32Array.from(numbers), errnos: new Uint8Array(numbers.length) }))

  it('are named by their namespace, and by their name where that was read, too', async () => {
    const peerNsids = nsids(-1, 0, 4)
    const host = fakeHost(
      { ...member(7, 'net', 1), ...member(8, 'net', 2) },
      { ...base, peerNsids },
    )
    const found = await collectContents(host, [place('net', 1, 7), place('net', 2, 8)], { peers })
    const contents = found.contents.get(1)
    const ends = contents?.type === 'net' ? contents.interfaces.map(({ peer }) => peer) : []
    expect(ends).toEqual([
      null,
      { index: 2, nsid: 0, namespace: { type: 'net', inum: 2, id: null }, name: 'veth0' },
      null,
      { index: 5, nsid: null, namespace: null, name: 'v1' },
      { index: 4, nsid: null, namespace: null, name: 'v2' },
    ])
    expect(peerNsids).toHaveBeenCalledWith(
      handleOf('net', 1),
      peers.map(({ handle }) => handle),
    )
  })

  it.each<[string, Host['peerNsids']]>([
    ['no namespace has their number', nsids(-1, 3, 4)],
    ['the namespace was not read', nsids(-1, 3, 0)],
    ['that cannot be asked', () => 'EPERM'],
    ['there is no addon', null],
  ])('have no name where %s', async (what, peerNsids) => {
    const host = fakeHost(member(7, 'net', 1), { ...base, peerNsids })
    const { contents, gaps } = await only(host, place('net', 1, 7), { peers })
    const end = contents?.type === 'net' ? contents.interfaces[1]?.peer : null
    expect(end).toMatchObject({ index: 2, nsid: 0, name: null })
    expect(end?.namespace).toEqual(
      what.endsWith('not read') ? { type: 'net', inum: 3, id: null } : null,
    )
    const failed = what.endsWith('asked')
    expect(gaps.map(({ errno }) => errno)).toEqual(failed ? ['EPERM'] : [])
    expect(contents?.unknown).toEqual(failed ? ['interfaces.peer.namespace'] : [])
  })
})
