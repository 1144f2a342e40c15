import { describe, expect, it } from 'vitest'
import { errnoName } from '../../src/host/errno-name.ts'
import { errnoOf, throwIfOurs } from '../../src/host/system-error.ts'
import { systemError } from '../support/fixture-procfs.ts'

describe('errnoOf', () => {
  it('is the number of what a system call said', () => {
    expect(errnoOf(systemError('EACCES', 'open', '/x'))).toBe(13)
  })

  it.each([new TypeError('a bug'), 'text', undefined, { errno: 5 }])(
    'throws on what no system call said (%o)',
    (error) => {
      expect(() => errnoOf(error)).toThrow()
    },
  )
})

describe('throwIfOurs', () => {
  it.each(['EMFILE', 'ENFILE', 'ENOMEM'])('ends the reading on %s', (errno) => {
    expect(() => throwIfOurs(errno, 'processes')).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ code: 'out-of-resources', exitCode: 5, errno }),
      }),
    )
  })

  it.each(['EACCES', 'EIO', 'ENOENT'])('lets %s pass', (errno) => {
    expect(() => throwIfOurs(errno, 'processes')).not.toThrow()
  })
})

describe('errnoName', () => {
  it.each([
    [1, 'EPERM'],
    [11, 'EAGAIN'],
    [116, 'ESTALE'],
    [255, 'errno 255'],
  ])('calls %i %s', (number, name) => {
    expect(errnoName(number)).toBe(name)
  })
})
