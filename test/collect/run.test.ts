import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { collectRun } from '../../src/collect/run.ts'
import { cgroup2Of, isProcVisible, readPlaces } from '../../src/collect/run-mounts.ts'
import type { Description, Host, NsFacts } from '../../src/host/port.ts'
import { parseMountinfo } from '../../src/kernel/mountinfo.ts'
import { NO_MAP, request, types } from '../query/run/run-case.ts'
import { denied, type FakeFiles, fakeHost, statText } from '../support/fake-host.ts'

const STATUS = [
  ...['Name:\tx', 'Umask:\t0022', 'State:\tS (sleeping)', 'Tgid:\t100', 'Pid:\t100', 'PPid:\t1'],
  ...['Uid:\t1000\t1000\t1000\t1000', 'Gid:\t1000\t1000\t1000\t1000', 'Groups:\t', 'NSpid:\t100'],
  ...['Threads:\t1', 'CapInh:\t0000000000000000', 'CapPrm:\t0000000000000000'],
  ...['CapEff:\t0000000000000000', 'CapBnd:\t000001ffffffffff', 'CapAmb:\t0000000000000000'],
  ...['NoNewPrivs:\t0', 'Seccomp:\t0', 'Seccomp_filters:\t0', ''],
].join('\n')

const ROOT_LINE = '27 1 254:0 / / rw - ext4 /dev/vda rw'
const PROC_LINE = '22 27 0:21 / /proc rw - proc proc rw'

const FILES: FakeFiles = {
  '100/stat': statText(100, 5),
  '100/status': STATUS,
  '100/cmdline': 'x\0',
  '100/environ': 'SHELL=/bin/zsh\0',
  '100/mountinfo': `${ROOT_LINE}\n${PROC_LINE}\n`,
  '100/setgroups': 'deny\n',
  '100/uid_map': '0 1000 1\n',
  '100/gid_map': '0 1000 1\n',
  '100/ns/user': 'user:[4026532002]',
  '100/ns/pid': 'pid:[4026532004]',
  '100/ns/net': 'net:[4026531833]',
  'sys/kernel/osrelease': '6.1.0\n',
  'sys/user/max_net_namespaces': '0\n',
  'sys/user/max_user_namespaces': '7\n',
  'sys/kernel/unprivileged_userns_clone': '0\n',
  'sys/kernel/apparmor_restrict_unprivileged_userns': '1\n',
  '100/attr/apparmor/current': 'firefox (enforce)\n',
  filesystems: 'nodev\tproc\nnodev\tbinfmt_misc\n',
  uptime: '12.50 3.00\n',
}

function fact(inum: number, type: 'user' | 'pid', parent: number | string): NsFacts {
  return { inum, type, id: null, owner: 4026531837, parent, ownerUid: 1000, nsid: null }
}

function described(...facts: NsFacts[]): Description {
  return { inums: new Uint32Array(), errnos: new Uint8Array(), facts }
}

/** Two user namespaces down, one PID namespace down. */
const NSFS = described(
  fact(4026532002, 'user', 4026532001),
  fact(4026532001, 'user', 4026531837),
  fact(4026531837, 'user', 'EPERM'),
  fact(4026532004, 'pid', 4026531836),
  fact(4026531836, 'pid', 'EPERM'),
)

function hostOf(files: FakeFiles = {}, more: Partial<Omit<Host, 'procfs'>> = {}) {
  const rest = { readerPid: 100, describe: () => NSFS, userName: () => 'alice' }
  return fakeHost({ ...FILES, ...files }, { ...rest, ...more })
}

describe('collectRun', () => {
  it('reads what decides about new namespaces', async () => {
    expect(await collectRun(hostOf(), request())).toMatchObject({
      userName: 'alice',
      release: { major: 6, minor: 1 },
      uptime: 12.5,
      limits: { net: 0, user: 7 },
      levels: { user: 2, pid: 1 },
      unprivilegedUsers: false,
      appArmorRestricts: true,
      appArmorProfile: 'firefox',
      setgroups: false,
      procVisible: true,
      binfmt: true,
      cgroup2: null,
    })
  })

  it('takes a link that is not there for a type that the kernel lacks', async () => {
    const { missing } = await collectRun(hostOf(), request())
    expect(missing).toEqual(['mnt', 'uts', 'ipc', 'cgroup', 'time'])
  })

  it('does not guess what is out of sight', async () => {
    const settings = Object.keys(FILES).filter((file) => !/^100\/(?!mountinfo)/.test(file))
    const blind = hostOf(Object.fromEntries(settings.map((file) => [file, denied('EACCES')])), {
      describe: () => described(fact(4026532002, 'user', 'EPERM')),
    })
    expect(await collectRun(blind, request())).toMatchObject({
      ...{ release: null, uptime: null, limits: {}, levels: { user: null, pid: null } },
      ...{ unprivilegedUsers: null, appArmorRestricts: false, procVisible: null, binfmt: null },
    })
  })

  it('reads ranges only where ranges are asked for', async () => {
    const asked: string[] = []
    const bytes = Buffer.from('alice:100000:65536\nbob:5:5\n')
    const host = hostOf(
      {},
      {
        readFiles: async (files) => {
          asked.push(...files.map(({ path }) => path))
          return files.map(() => ({ bytes, cut: false, uid: 0, gid: 0, mode: 0o644 }))
        },
      },
    )
    const none = await collectRun(host, request())
    expect([asked, none.uids.subids]).toEqual([[], null])
    const some = { uidMap: { self: null, ranges: ['auto' as const] }, gidMap: NO_MAP }
    const { uids } = await collectRun(host, request({ namespaces: types('user'), ...some }))
    expect(asked).toEqual(['etc/subuid'])
    expect(uids.subids).toEqual([{ first: 100000, count: 65536 }])
  })
})

describe('isProcVisible', () => {
  it.each([
    ['one that is whole', [PROC_LINE], true],
    ['none', [], false],
    ['one that is read-only', ['22 27 0:21 / /proc ro - proc proc rw'], false],
    ['one whose file system is read-only', ['22 27 0:21 / /proc rw - proc proc ro'], false],
    ['a part of one', ['22 27 0:21 /sys /proc rw - proc proc rw'], false],
    [
      'one that is covered in part, as by docker',
      [PROC_LINE, '30 22 0:40 / /proc/kcore rw - tmpfs tmpfs rw'],
      false,
    ],
    [
      'one with binfmt_misc, which covers nothing',
      [PROC_LINE, '30 22 0:40 / /proc/sys/fs/binfmt_misc rw - binfmt_misc x rw'],
      true,
    ],
    [
      'a second one that is whole',
      [
        PROC_LINE,
        '30 22 0:40 / /proc/kcore rw - tmpfs tmpfs rw',
        '31 27 0:21 / /mnt/proc rw - proc proc rw',
      ],
      true,
    ],
  ])('asks the mounts: %s', (_, lines, expected) => {
    expect(isProcVisible(parseMountinfo([ROOT_LINE, ...lines].join('\n')))).toBe(expected)
  })
})

describe('cgroup2Of', () => {
  it('prefers a mount of the whole hierarchy', () => {
    const lines = [
      '40 27 0:30 /a /sys/part rw - cgroup2 none rw',
      '41 27 0:30 / /sys/fs/cgroup rw - cgroup2 none rw',
      '42 27 0:31 / /sys/v1 rw - cgroup none rw,cpu',
    ]
    expect(cgroup2Of(parseMountinfo(lines.join('\n')))).toBe('/sys/fs/cgroup')
    expect(cgroup2Of(parseMountinfo(lines[0] as string))).toBe('/sys/part')
    expect(cgroup2Of(parseMountinfo(lines[2] as string))).toBeNull()
  })
})

describe('readPlaces', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'nsx-places-')))
  mkdirSync(join(folder, 'shared'))
  writeFileSync(join(folder, 'file'), '')
  symlinkSync(join(folder, 'shared'), join(folder, 'link'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const mounts = parseMountinfo(
    [
      ROOT_LINE,
      `50 27 0:50 / ${folder}/shared rw shared:7 - tmpfs tmpfs rw`,
      `51 50 0:4 net:[1] ${folder}/shared/old rw - nsfs nsfs rw`,
    ].join('\n'),
  )
  const placeOf = (path: string) =>
    readPlaces(request({ namespaces: new Map([['net', path]]) }), mounts).get(path)

  it.each([
    ['a file', 'file', { kind: 'file', folder: true, mounted: false, shared: false }],
    ['nothing', 'none', { kind: 'missing', folder: true, mounted: false, shared: false }],
    ['not even a directory', 'no/ne', { kind: 'missing', folder: false }],
    ['a mount', 'shared', { kind: 'directory', mounted: true, shared: true }],
    ['what is on a mount', 'shared/new', { kind: 'missing', mounted: false, shared: true }],
    ['what a link leads to', 'link/new', { kind: 'missing', mounted: false, shared: true }],
  ])('tells %s', (_, name, expected) => {
    expect(placeOf(join(folder, name))).toMatchObject(expected)
  })

  it('looks at nothing that will be below another root or working directory', () => {
    const changes = { mountProc: 'proc', mountBinfmt: '/b', workingDirectory: '/w' }
    const keys = (more: object) => [...readPlaces(request({ ...changes, ...more }), mounts).keys()]
    expect(keys({}).sort()).toEqual(['/b', '/w'])
    expect(keys({ root: '/r' })).toEqual(['/r'])
    expect(keys({ workingDirectory: null }).sort()).toEqual(['/b', 'proc'])
  })
})
