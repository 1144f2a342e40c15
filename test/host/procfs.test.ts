import { describe, expect, it } from 'vitest'
import { Procfs } from '../../src/host/procfs.ts'
import { machinePath } from '../support/fixture-procfs.ts'

const procfs = new Procfs(`${machinePath('bare-host', 'proc')}//`)

describe('Procfs', () => {
  it('reads below its root only', () => {
    expect(procfs.path('1/stat')).toBe(`${machinePath('bare-host', 'proc')}/1/stat`)
    expect(procfs.link('1/ns/pid')).toBe('pid:[4026531836]')
    expect(procfs.link('self')).toBe('900')
    expect(procfs.text('sys/kernel/hostname')).toBe('bare-host\n')
    expect(procfs.names('')).toContain('900')
  })

  it('keeps / as a root', () => {
    expect(new Procfs('/').root).toBe('/')
  })

  it.each([
    [0, ''],
    [4, '/sbi'],
    [16, '/sbin/init\0splas'],
    [4096, '/sbin/init\0splash\0'],
  ])('reads the first %i bytes of a file, or all', (size, text) => {
    expect(procfs.head('1/cmdline', size).toString()).toBe(text)
  })

  it.each([
    ['names', () => procfs.names('nowhere')],
    ['link', () => procfs.link('nowhere')],
    ['bytes', () => procfs.bytes('nowhere')],
    ['head', () => procfs.head('nowhere', 1)],
    ['stat', () => procfs.stat('nowhere')],
  ])('lets the error of %s through, with its code and path', (_, call) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'ENOENT', path: expect.stringContaining('nowhere') }),
    )
  })

  it('gives its descriptor back when reading fails', () => {
    // A directory can be opened but not read.
    for (let i = 0; i < 100; i++) expect(() => procfs.head('1', 1)).toThrow(/EINVAL/)
    expect(new Procfs('/proc').names('self/fd').length).toBeLessThan(100)
  })
})
