import { describe, expect, it } from 'vitest'
import type { Answers } from '../../src/contents/contents.ts'
import { type MountRow, mntContents } from '../../src/contents/mnt.ts'

const MOUNTINFO = `27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
22 27 0:21 / /proc rw,nosuid master:5 - proc proc rw,hidepid=invisible
23 27 0:40 /sub /a\\040b ro - tmpfs  rw,size=4k
60 27 0:41 / / rw shared:9 master:1 - overlay overlay rw,lowerdir=/l
`
const CHROOTED = `23 27 0:40 /sub /mnt ro - tmpfs tmpfs rw\n`

const row = (mountPoint: string): MountRow => ({
  ...{ mountPoint, root: '/', fsType: 'tmpfs', source: 'tmpfs', device: '0:40' },
  ...{ mountOptions: 'rw', options: 'rw,size=4k', propagation: 'private' },
})
const HIDDEN = { ...row('/'), mountPoint: null }
const ROWS = [row('/'), row('/x'), HIDDEN]

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const mnt = mntContents((answer) => (Buffer.from(answer).toString() === 'rows' ? ROWS : null))

describe('the contents of a mount namespace', () => {
  it('are what mountinfo says', () => {
    const contents = mnt.parse({ mountinfo: bytes(MOUNTINFO), mounts: null })
    expect(contents.unknown).toEqual([])
    expect(contents.root).toEqual({
      ...{ mountPoint: '/', root: '/', fsType: 'overlay', source: 'overlay', device: '0:41' },
      ...{ options: 'rw', superOptions: 'rw,lowerdir=/l', propagation: 'shared,slave' },
    })
    expect(contents.mounts.map(({ propagation }) => propagation)).toEqual([
      ...['shared', 'slave', 'private', 'shared,slave'],
    ])
    expect(contents.mounts[2]).toEqual({
      ...{ mountPoint: '/a b', root: '/sub', fsType: 'tmpfs', source: '', device: '0:40' },
      ...{ options: 'ro', superOptions: 'rw,size=4k', propagation: 'private' },
    })
  })

  it('are what statmount says, where it was asked', () => {
    const contents = mnt.parse({ mountinfo: 'EACCES', mounts: bytes('rows') })
    expect(contents.unknown).toEqual([])
    expect(contents.root).toMatchObject({
      device: '0:40',
      options: 'rw',
      superOptions: 'rw,size=4k',
    })
    expect(contents.mounts).toHaveLength(2)
  })

  it('name what the kernel does not tell', () => {
    const old = mntContents(() => [
      { ...row('/'), source: null },
      { ...row('/a'), options: null },
    ])
    const contents = old.parse({ mountinfo: null, mounts: bytes('rows') })
    expect(contents.unknown).toEqual(['mounts.source', 'mounts.superOptions'])
    expect(
      mnt.compare(contents, mnt.parse({ mounts: bytes('rows') })).map(({ path }) => path),
    ).toEqual([
      ['mounts', '/a'],
      ['mounts', '/x'],
    ])
  })

  it.each<[string, Answers, string]>([
    ['a machine', { mountinfo: bytes(MOUNTINFO) }, 'overlay on /, 4 mounts, shared,slave'],
    [
      'a disk',
      { mountinfo: bytes(MOUNTINFO.split('\n')[0] as string) },
      'ext4 (/dev/vda) on /, 1 mount, shared',
    ],
    [
      'one without processes',
      { mountinfo: null, mounts: bytes('rows') },
      'tmpfs on /, 2 mounts, private',
    ],
    ['a chrooted process', { mountinfo: bytes(CHROOTED), mounts: 'ENOSYS' }, 'at least 1 mount'],
    ['nothing', { mountinfo: 'EACCES', mounts: 'ENOSYS' }, ''],
    ['what is no statmount', { mountinfo: 'EACCES', mounts: bytes('x') }, ''],
  ])('are summed up: %s', (_, answers, summary) => {
    expect(mnt.summarise(mnt.parse(answers))).toBe(summary)
  })

  it('are not known from a process that was chrooted', () => {
    const { enough } = mnt.needs.mounts ?? {}
    expect(enough?.(bytes('rows'))).toBe(true)
    expect(enough?.(bytes('x'))).toBe(false)
    const contents = mnt.parse({ mountinfo: bytes(CHROOTED), mounts: 'ENOSYS' })
    expect(contents.unknown).toEqual(['root', 'mounts'])
  })

  it('are those of mountinfo where statmount tells less, but not where that tells of fewer mounts', () => {
    const old = mntContents(() => [row('/'), { ...row('/x'), options: null }])
    const parse = (mountinfo: string) =>
      old.parse({ mounts: bytes('rows'), mountinfo: bytes(mountinfo) })
    expect(parse(MOUNTINFO).unknown).toEqual([])
    expect(parse(MOUNTINFO).mounts).toHaveLength(4)
    // As a process sees them whose root is the mount that was on /mnt.
    const chrooted = parse('23 27 0:40 / / ro - tmpfs tmpfs rw\n')
    expect(chrooted.mounts.map(({ mountPoint }) => mountPoint)).toEqual(['/', '/x'])
    expect(chrooted.unknown).toEqual(['mounts.superOptions'])
  })

  it('differ in options, sources and roots, and not in numbers', () => {
    const a = mnt.parse({ mountinfo: bytes(MOUNTINFO) })
    const compare = (text: string) =>
      mnt
        .compare(a, mnt.parse({ mountinfo: bytes(text) }))
        .map(({ path }) => path.slice(1).join(' '))
    expect(compare(MOUNTINFO.replaceAll(/^\d+ \d+ \d+:/gm, '9 8 7:').replace(':9', ':77'))).toEqual(
      [],
    )
    expect(compare(MOUNTINFO.replace('rw,nosuid', 'ro,nosuid'))).toEqual(['/proc options'])
    expect(compare(MOUNTINFO.replace('size=4k', 'size=8k'))).toEqual(['/a b superOptions'])
    expect(compare(MOUNTINFO.replace('/sub', '/other'))).toEqual(['/a b root'])
    expect(compare(MOUNTINFO.replace('/dev/vda', '/dev/vdb'))).toEqual(['/ source'])
    expect(compare(MOUNTINFO.replace(' master:5', ''))).toEqual(['/proc propagation'])
    expect(compare(MOUNTINFO.replace('60 27', '60 27 0:41 / /new rw - x x rw\n61 27'))).toEqual([
      '/new',
    ])
    // What any two containers differ in comes last.
    const cgroup = '\n62 27 0:50 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n'
    const other = MOUNTINFO.replace('lowerdir=/l', 'lowerdir=/m').replace('size=4k', 'size=8k')
    expect(compare(other + cgroup)).toEqual([
      '/a b superOptions',
      '/ superOptions',
      '/sys/fs/cgroup',
    ])
  })
})
