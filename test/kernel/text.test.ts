import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeText } from '../../src/kernel/text.ts'

it('decodes UTF-8, also where it holds a replacement character of its own', () => {
  expect(decodeText(Buffer.from('a\ufffd日'))).toEqual({ text: 'a\ufffd日', lossy: false })
})

it('says exactly then that something was lost when something was', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const { text, lossy } = decodeText(Buffer.from(bytes))
      expect(lossy).toBe(!Buffer.from(text).equals(Buffer.from(bytes)))
    }),
  )
})
