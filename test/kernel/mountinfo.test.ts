import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMountinfo, parseMountinfoLine } from '../../src/kernel/mountinfo.ts'
import { wellFormedText } from '../support/any-text.ts'

describe('parseMountinfoLine', () => {
  it.each([
    [
      'a namespace',
      '328 324 0:4 net:[4026532480] /run/netns/blue rw shared:1 - nsfs nsfs rw',
      { id: 328, root: 'net:[4026532480]', mountPoint: '/run/netns/blue', fsType: 'nsfs' },
    ],
    [
      'the root',
      '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard',
      {
        ...{ id: 27, parentId: 1, device: '254:0', root: '/', mountPoint: '/', fsType: 'ext4' },
        ...{ mountOptions: 'rw,relatime', source: '/dev/vda', options: 'rw,discard' },
        propagation: 'private',
      },
    ],
    [
      'a mount that only receives',
      '27 1 0:1 / /a rw master:3 - tmpfs none rw',
      { propagation: 'slave' },
    ],
    [
      'a mount that is unbindable',
      '27 1 0:1 / /a rw unbindable - tmpfs none rw',
      { propagation: 'unbindable' },
    ],
    [
      'a source that is empty',
      '27 1 0:1 / /a rw - tmpfs  rw,size=1k',
      { source: '', options: 'rw,size=1k' },
    ],
    ['a source with a blank', '27 1 0:1 / /a rw - 9p my\\040share rw', { source: 'my share' }],
    [
      'many optional fields',
      '36 35 98:0 /mnt1 /mnt2 rw shared:1 master:2 propagate_from:3 unbindable - ext3 /dev/root rw',
      { id: 36, root: '/mnt1', mountPoint: '/mnt2', fsType: 'ext3', propagation: 'shared,slave' },
    ],
    [
      'escapes',
      '1 2 0:3 /a\\040b /c\\011d\\012e\\134f rw - tmpfs tmpfs rw',
      { id: 1, root: '/a b', mountPoint: '/c\td\ne\\f', fsType: 'tmpfs' },
    ],
    [
      'an escape of an escape',
      '1 2 0:3 / /a\\134040b rw - tmpfs tmpfs rw',
      { id: 1, root: '/', mountPoint: '/a\\040b', fsType: 'tmpfs' },
    ],
    [
      'UTF-8',
      Buffer.from('1 2 0:3 / /caf\u00e9/日本 rw - tmpfs tmpfs rw').toString('latin1'),
      { id: 1, root: '/', mountPoint: '/café/日本', fsType: 'tmpfs' },
    ],
    [
      'a subtype',
      '1 2 0:3 / /a rw - fuse.sshfs host:/ rw',
      { id: 1, root: '/', mountPoint: '/a', fsType: 'fuse.sshfs' },
    ],
  ])('reads %s', (_, line, mount) => {
    expect(parseMountinfoLine(line)).toMatchObject(mount)
  })

  it.each([
    ['nothing', ''],
    ['no separator', '36 35 98:0 / /a rw shared:1 ext3 /dev/root rw'],
    ['a separator without blanks', '36 35 98:0 / /a rw-ext3 /dev/root rw'],
    ['no type', '36 35 98:0 / /a rw - '],
    ['too few fields', '36 35 98:0 - ext3 /dev/root rw'],
    ['a mount point that is no path', '36 35 98:0 / a rw - ext3 /dev/root rw'],
    ['an id that is no number', 'x 35 98:0 / /a rw - ext3 /dev/root rw'],
    ['an id that is negative', '-1 35 98:0 / /a rw - ext3 /dev/root rw'],
    ['a parent that is no number', '36 x 98:0 / /a rw - ext3 /dev/root rw'],
    ['an end within the fields', '36 35 98:0 / /a'],
    ['blanks alone', '    '],
  ])('has nothing to say of a line with %s', (_, line) => {
    expect(parseMountinfoLine(line)).toBeNull()
  })

  it('undoes the escapes of any path', () => {
    const path = wellFormedText.filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(path, path, (root, point) => {
        const line = `1 2 0:3 /${mangled(root)} /${mangled(point)} rw - tmpfs none rw`
        expect(parseMountinfoLine(line)).toMatchObject({
          ...{ id: 1, root: `/${root}`, mountPoint: `/${point}`, fsType: 'tmpfs' },
        })
      }),
    )
  })
})

describe('parseMountinfo', () => {
  it('passes over lines that are not well formed', () => {
    const good = '1 2 0:3 / /a rw - tmpfs tmpfs rw'
    expect(parseMountinfo(`junk\n${good}\n\n7 8\n`).map(({ mountPoint }) => mountPoint)).toEqual([
      '/a',
    ])
  })

  it('is not taken in by a mount point that contains a line', () => {
    const evil = mangled('a\n9 9 0:4 net:[1] /b rw - nsfs nsfs rw')
    expect(parseMountinfo(`1 2 0:3 / /${evil} rw - tmpfs tmpfs rw\n`)).toHaveLength(1)
  })
})

/** As seq_path() and mangle() write a path (fs/proc_namespace.c), read as latin1. */
function mangled(path: string): string {
  return Buffer.from(path)
    .toString('latin1')
    .replace(/[ \t\n\\]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

describe('the peer groups of a mount', () => {
  it.each([
    ['', { peerGroup: null, master: null }],
    [' shared:7', { peerGroup: 7, master: null }],
    [' master:8', { peerGroup: null, master: 8 }],
    [' shared:7 master:8', { peerGroup: 7, master: 8 }],
    [' master:8 propagate_from:2', { peerGroup: null, master: 8 }],
    [' unbindable', { peerGroup: null, master: null }],
    [' shared:7 new_tag:3', { peerGroup: 7, master: null }],
  ])('are those of%j', (tags, groups) => {
    const line = `36 35 8:1 /sub /mnt rw,noatime${tags} - ext3 /dev/root rw`
    expect(parseMountinfo(line)).toMatchObject([
      { ...{ id: 36, parentId: 35, device: '8:1', root: '/sub', mountPoint: '/mnt' }, ...groups },
    ])
  })
})

describe('what is no line of mountinfo', () => {
  it.each([
    '',
    '\n',
    '36 35 8:1 / /mnt rw\n',
    '36 35 8 / /mnt rw - ext3 a rw\n',
    '36 35 8:1 / mnt rw - ext3 a rw\n',
    'x 35 8:1 / /mnt rw - ext3 a rw\n',
    '36 35 8:1 / /mnt rw shared:x - ext3 a rw\n',
  ])('is %j', (text) => {
    expect(parseMountinfo(text)).toEqual([])
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseMountinfo(text)))
  })

  it('is not one whose options have blanks', () => {
    const options = 'rw,path=C:\\Program Files\\Docker;root=/mnt/'
    expect(parseMountinfo(`22 1 0:20 / /host rw - 9p C:\\134 ${options}\n`)).toMatchObject([
      { mountPoint: '/host', mountOptions: 'rw', options },
    ])
  })
})
