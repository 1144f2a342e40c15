import { describe, expect, it } from 'vitest'
import { cgroupFolder } from '../../src/kernel/cgroup-folder.ts'
import { isSince, parseKernelRelease } from '../../src/kernel/kernel-release.ts'
import { subidRanges } from '../../src/kernel/subid.ts'

describe('subidRanges', () => {
  const text = [
    '# alice:1:1',
    'alice:100000:65536',
    'bob:165536:65536',
    '1000:300000:10 ',
    'alice:x:5',
    'alice:5:0',
    'alice:5',
    ':5:5',
  ].join('\n')

  it('takes those of the name and of the uid, in order', () => {
    expect(subidRanges(text, { uid: 1000, name: 'alice' })).toEqual([
      { first: 100000, count: 65536 },
      { first: 300000, count: 10 },
    ])
  })

  it.each([
    [1000, null, 1],
    [1001, 'alice', 1],
    [1001, null, 0],
  ])('does with what is known of a user: %s, %s', (uid, name, count) => {
    expect(subidRanges(text, { uid, name })).toHaveLength(count)
  })
})

describe('parseKernelRelease', () => {
  it.each([
    ['6.18.44-fc-v657\n', { major: 6, minor: 18 }],
    ['5.10.0', { major: 5, minor: 10 }],
    ['', null],
    ['x', null],
  ])('reads %j', (text, expected) => {
    expect(parseKernelRelease(text)).toEqual(expected)
  })

  it.each([
    [6, 3, true],
    [6, 18, true],
    [5, 19, true],
    [6, 19, false],
    [7, 0, false],
  ])('compares both numbers: %s.%s', (major, minor, expected) => {
    expect(isSince({ major: 6, minor: 18 }, major, minor)).toBe(expected)
  })
})

describe('cgroupFolder', () => {
  it.each([
    ['/sys/fs/cgroup', '/', '/sys/fs/cgroup'],
    ['/sys/fs/cgroup', '', '/sys/fs/cgroup'],
    ['/sys/fs/cgroup', '/a/b', '/sys/fs/cgroup/a/b'],
    ['/sys/fs/cgroup/', 'a/', '/sys/fs/cgroup/a'],
    ['/', 'a', '/a'],
  ])('joins %s and %s', (mountPoint, path, expected) => {
    expect(cgroupFolder(mountPoint, path)).toBe(expected)
  })
})
