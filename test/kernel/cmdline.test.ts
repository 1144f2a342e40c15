import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCmdline } from '../../src/kernel/cmdline.ts'
import { wellFormedText } from '../support/any-text.ts'

describe('parseCmdline', () => {
  it.each([
    ['nothing', '', []],
    ['one argument', 'init\0', ['init']],
    ['several arguments', 'sh\0-c\0exit 1\0', ['sh', '-c', 'exit 1']],
    ['an empty argument', 'a\0\0b\0', ['a', '', 'b']],
    ['an empty last argument', 'a\0\0', ['a', '']],
    ['an only argument that is empty', '\0', ['']],
    ['no NUL at all (setproctitle)', 'nginx: master process', ['nginx: master process']],
    ['no NUL at the end', 'a\0b', ['a', 'b']],
    ['newlines', 'a\nb\0', ['a\nb']],
  ])('reads %s', (_, text, args) => {
    expect(parseCmdline(Buffer.from(text))).toEqual({ args, lossy: false })
  })

  it.each([
    ['a byte that is never UTF-8', [0xff]],
    ['a sequence cut short', [0xe2, 0x82]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['an overlong NUL', [0xc0, 0x80]],
  ])('says that %s was lost', (_, bytes) => {
    const { args, lossy } = parseCmdline(Buffer.from([0x61, ...bytes, 0, 0x62, 0]))
    expect({ lossy, last: args[1], first: args[0]?.includes('\ufffd') }).toEqual({
      ...{ lossy: true, last: 'b', first: true },
    })
  })

  it('reads back what execve(2) was given', () => {
    const argument = wellFormedText.filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1 }), (args) => {
        const bytes = Buffer.from(args.map((arg) => `${arg}\0`).join(''))
        expect(parseCmdline(bytes)).toEqual({ args, lossy: false })
      }),
    )
  })

  it('loses nothing of any bytes but what is not UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const buffer = Buffer.from(bytes)
        const { args, lossy } = parseCmdline(buffer)
        const end = buffer.at(-1) === 0 ? buffer.subarray(0, -1) : buffer
        expect(lossy).toBe(!Buffer.from(args.join('\0')).equals(end))
      }),
    )
  })
})
