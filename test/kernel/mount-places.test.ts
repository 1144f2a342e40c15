import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeOf } from '../../src/kernel/mount-places.ts'
import { parseMountinfo } from '../../src/kernel/mountinfo.ts'

const line = (
  mountPoint: string,
  { device = '8:1', root = '/', tags = '', id = 36, on = 35, options = 'rw', of = 'rw' } = {},
) =>
  `${id} ${on} ${device} ${root} ${mountPoint} ${options},noatime${tags} - ext3 /dev/root ${of}\n`

describe('placeOf', () => {
  const at = (path: string, ...lines: string[]) => placeOf(parseMountinfo(lines.join('')), path)
  const root = line('/')
  const on = (id: number, mountPoint: string, more: Parameters<typeof line>[1] = {}) =>
    line(mountPoint, { id, on: 36, ...more })
  const shm = on(40, '/dev/shm', { device: '0:23' })

  it.each([
    ['a mount of its own', '/dev/shm', [root, shm], '0:23 '],
    ['a folder of a mount', '/dev/shm/x', [root, shm], '0:23 /x'],
    ['a folder of the root', '/dev/shm', [root], '8:1 /dev/shm'],
    ['a part of a file system', '/dev/shm', [root, on(41, '/dev', { root: '/a' })], '8:1 /a/shm'],
    [
      'what is bound to elsewhere',
      '/dev/shm',
      [root, on(41, '/dev/shm', { root: '/a' })],
      '8:1 /a',
    ],
    [
      'the mount that covers another',
      '/dev/shm',
      [shm, on(41, '/dev/shm', { device: '0:9', on: 40 }), root],
      '0:9 ',
    ],
    [
      'a mount that covers the folder of another',
      '/dev/shm',
      [root, on(39, '/dev', { device: '0:5' }), shm, on(42, '/dev', { device: '0:9', on: 39 })],
      '0:9 /shm',
    ],
    [
      'what lies on such a mount',
      '/dev/shm',
      [
        root,
        on(39, '/dev', { device: '0:5' }),
        line('/dev/shm', { id: 50, on: 39, device: '0:6' }),
      ],
      '0:6 ',
    ],
    [
      'a mount upon the root',
      '/dev/shm',
      [root, on(43, '/', { device: '0:7' }), shm],
      '0:7 /dev/shm',
    ],
    ['a root on itself', '/a', [line('/', { id: 1, on: 1, device: '0:1' })], '0:1 /a'],
    ['no mount of a like name', '/dev/shm2', [root, shm], '8:1 /dev/shm2'],
    ['the root', '/', [root], '8:1 /'],
  ])('is of %s', (_, path, lines, place) => {
    expect(at(path, ...lines)?.where).toBe(place)
  })

  it('is nothing in a root that is no mount, but of a mount below it', () => {
    expect(at('/dev/shm')).toBeNull()
    expect(at('/dev/shm', on(40, '/proc'))).toBeNull()
    expect(at('/dev/shm', shm)?.where).toBe('0:23 ')
  })

  it('ends where mounts lie on each other', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(4), fc.nat(4), fc.constantFrom('/', '/a', '/a/b'))),
        (all) => {
          at('/a/b', ...all.map(([id, on, point]) => line(point, { id, on })))
        },
      ),
    )
  })

  it.each([
    ['rw', 'rw', false],
    ['ro', 'rw', true],
    ['rw', 'ro', true],
  ])(
    'with the options %s of the mount and %s of the file system: read-only %s',
    (options, of, readOnly) => {
      expect(at('/x', line('/', { options, of }))?.readOnly).toBe(readOnly)
    },
  )
})
