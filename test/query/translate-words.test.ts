import { describe, expect, it } from 'vitest'
import { NsxError } from '../../src/errors.ts'
import { readIdWord } from '../../src/query/read-id-word.ts'
import { readPidWord } from '../../src/query/read-pid-word.ts'

describe('a process whose pid is to be translated', () => {
  it.each([
    ['1234', { target: { kind: 'process', pid: 1234 }, pid: null }],
    ['web', { target: { kind: 'container', name: 'web' }, pid: null }],
    ['7@web', { target: { kind: 'inner', pid: 7 }, pid: null }],
    ['7@1234', { target: { kind: 'process', pid: 1234 }, pid: 7 }],
    ['7@self', { target: { kind: 'process', pid: 'self' }, pid: 7 }],
    ['7@pid:[4026532281]', { target: { kind: 'inum', inum: 4026532281 }, pid: 7 }],
    ['7@/proc/1/ns/pid', { target: { kind: 'path', path: '/proc/1/ns/pid' }, pid: 7 }],
    ['7@8@web', { target: { kind: 'inner', pid: 8 }, pid: 7 }],
  ])('is %s', (text, word) => {
    expect(readPidWord(text)).toMatchObject({ text, ...word })
  })

  it.each(['', '@', '7@', '0@', '-1', 'net:', '0@web', '4194305@web', '7@ '])(
    'is not %j',
    (text) => {
      expect(() => readPidWord(text)).toThrow(NsxError)
    },
  )
})

describe('an id that is to be translated', () => {
  it.each([
    ['1000@web', false, { id: 1000, target: { kind: 'container', name: 'web' } }],
    ['1000@web', true, { id: 1000, target: { kind: 'container', name: 'web' } }],
    ['5@7@web', false, { id: 5, target: { kind: 'inner', pid: 7 } }],
    ['0@user:[4026532281]', false, { id: 0, target: { kind: 'inum' } }],
    ['1000', false, { id: null, target: { kind: 'process', pid: 1000 } }],
    ['1000', true, { id: 1000, target: null }],
    ['www-data', true, { id: 'www-data', target: null }],
    ['unit:getty@tty1.service', false, { id: null, target: { kind: 'container' } }],
  ])('is %s (asked: %s)', (text, asked, word) => {
    expect(readIdWord(text, 'uid', { asked })).toMatchObject({ text, ...word })
  })

  it.each([
    ['', true],
    ['4294967295@web', false],
    ['99999999999@web', false],
    ['4294967295', true],
    ['a b', true],
    ['-x', true],
    ['1000@', false],
  ])('is not %j (asked: %s)', (text, asked) => {
    expect(() => readIdWord(text, 'uid', { asked })).toThrow(NsxError)
  })
})
