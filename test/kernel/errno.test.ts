import { constants } from 'node:os'
import { describe, expect, it } from 'vitest'
import { describeErrno, isDenied, isGone, isOurs } from '../../src/kernel/errno.ts'

describe('the meaning of an errno', () => {
  it.each([
    ['ENOENT', 'gone'],
    ['ESRCH', 'gone'],
    ['EACCES', 'denied'],
    ['EPERM', 'denied'],
    ['EMFILE', 'ours'],
    ['ENFILE', 'ours'],
    ['ENOMEM', 'ours'],
  ])('of %s is: %s', (errno, meaning) => {
    expect([
      isGone(errno) && 'gone',
      isDenied(errno) && 'denied',
      isOurs(errno) && 'ours',
    ]).toContain(meaning)
  })

  it('of every other errno is a gap, neither gone nor denied nor ours', () => {
    const known = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE', 'ENOMEM']
    for (const errno of [...Object.keys(constants.errno), 'errno 999', 'toString']) {
      if (known.includes(errno)) continue
      expect([errno, isGone(errno), isDenied(errno), isOurs(errno)]).toEqual([
        ...[errno, false, false, false],
      ])
    }
  })

  it('is told in words, with its name', () => {
    expect(describeErrno('EACCES')).toBe('permission denied (EACCES)')
    expect(describeErrno('EDOM')).toBe('EDOM')
  })
})
