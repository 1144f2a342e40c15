import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMountPlaces, placeOf } from '../../src/kernel/mount-places.ts'

const line = (mountPoint: string, { device = '8:1', root = '/', tags = '' } = {}) =>
  `36 35 ${device} ${root} ${mountPoint} rw,noatime${tags} - ext3 /dev/root rw\n`

describe('parseMountPlaces', () => {
  it.each([
    ['', { shared: null, master: null }],
    [' shared:7', { shared: 7, master: null }],
    [' master:8', { shared: null, master: 8 }],
    [' shared:7 master:8', { shared: 7, master: 8 }],
    [' master:8 propagate_from:2', { shared: null, master: 8 }],
    [' unbindable', { shared: null, master: null }],
    [' shared:7 new_tag:3', { shared: 7, master: null }],
  ])('reads the groups of%j', (tags, groups) => {
    expect(parseMountPlaces(line('/mnt', { tags, root: '/sub' }))).toEqual([
      { device: '8:1', root: '/sub', mountPoint: '/mnt', ...groups },
    ])
  })

  it('leaves the escapes of a path', () => {
    expect(parseMountPlaces(line('/a\\040b\\012'))[0]?.mountPoint).toBe('/a\\040b\\012')
  })

  it.each([
    '',
    '\n',
    '36 35 8:1 / /mnt rw\n',
    '36 35 8 / /mnt rw - ext3 a rw\n',
    '36 35 8:1 / mnt rw - ext3 a rw\n',
    'x 35 8:1 / /mnt rw - ext3 a rw\n',
    '36 35 8:1 / /mnt rw shared:x - ext3 a rw\n',
  ])('has no place in %j', (text) => {
    expect(parseMountPlaces(text)).toEqual([])
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseMountPlaces(text)))
  })
})

describe('placeOf', () => {
  const at = (path: string, ...lines: string[]) => placeOf(parseMountPlaces(lines.join('')), path)
  const root = line('/')
  const shm = line('/dev/shm', { device: '0:23' })

  it.each([
    ['a mount of its own', '/dev/shm', [root, shm], '0:23 '],
    ['a folder of a mount', '/dev/shm/x', [root, shm], '0:23 /x'],
    ['a folder of the root', '/dev/shm', [root], '8:1 /dev/shm'],
    ['a part of a file system', '/dev/shm', [root, line('/dev', { root: '/a' })], '8:1 /a/shm'],
    ['what is bound to elsewhere', '/dev/shm', [root, line('/dev/shm', { root: '/a' })], '8:1 /a'],
    [
      'the mount that covers another',
      '/dev/shm',
      [shm, line('/dev/shm', { device: '0:9' })],
      '0:9 ',
    ],
    ['no mount of a like name', '/dev/shm2', [root, shm], '8:1 /dev/shm2'],
    ['the root', '/', [root], '8:1 /'],
  ])('is of %s', (_, path, lines, place) => {
    expect(at(path, ...lines)).toBe(place)
  })

  it('is nothing in a root that is no mount', () => {
    expect(at('/dev/shm')).toBeNull()
    expect(at('/dev/shm', line('/proc'))).toBeNull()
  })
})
