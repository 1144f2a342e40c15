import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEffectiveUid } from '../../src/kernel/proc-status.ts'

const status = (uids: string, name = 'bash') =>
  Buffer.from(
    `Name:\t${name}\nUmask:\t0022\nState:\tS (sleeping)\nUid:\t${uids}\nGid:\t9\t9\t9\t9\n`,
  )

describe('parseEffectiveUid', () => {
  it.each([
    ['0\t0\t0\t0', 0],
    ['1000\t0\t0\t0', 0],
    ['0\t1000\t0\t0', 1000],
    ['0\t4294967295\t0\t0', 4294967295],
  ])('takes the second of %j', (uids, uid) => {
    expect(parseEffectiveUid(status(uids))).toBe(uid)
  })

  it('does not believe a name that looks like the line', () => {
    expect(parseEffectiveUid(status('0\t5\t0\t0', 'a\\nUid:\t7\t7\t7\t7'))).toBe(5)
  })

  it.each([
    ['nothing', ''],
    ['no such line', 'Name:\tbash\nGid:\t1\t1\t1\t1\n'],
    ['the line first', 'Uid:\t1\t1\t1\t1\n'],
    ['too few numbers', 'Name:\ta\nUid:\t1\t1\t1\n'],
    ['too many numbers', 'Name:\ta\nUid:\t1\t1\t1\t1\t1\n'],
    ['blanks instead of tabs', 'Name:\ta\nUid:\t1 1 1 1\n'],
    ['a negative number', 'Name:\ta\nUid:\t1\t-1\t1\t1\n'],
    ['a line cut short', 'Name:\ta\nUid:\t1\t1\t1\t1'],
  ])('has nothing to say of %s', (_, text) => {
    expect(parseEffectiveUid(Buffer.from(text))).toBeNull()
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseEffectiveUid(Buffer.from(bytes))))
  })
})
