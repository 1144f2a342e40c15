import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseAnswers, requestBytes } from '../../src/host/read-files-protocol.ts'

function answerBytes(numbers: readonly number[], text = ''): Buffer {
  return Buffer.concat([Buffer.from(Uint32Array.from(numbers).buffer), Buffer.from(text)])
}

const READ = answerBytes([0, 1, 2, 0o644, 1, 3], 'abc')
const DENIED = answerBytes([13, 0, 0, 0, 0, 0])
const ANSWERS = [
  { bytes: Uint8Array.from([97, 98, 99]), cut: true, uid: 1, gid: 2, mode: 0o644 },
  13,
]

it('reads answers, and whether a file was cut', () => {
  const { answers, rest } = parseAnswers(Buffer.concat([READ, DENIED]))
  expect(answers).toEqual(ANSWERS)
  expect(rest.length).toBe(0)
})

it('waits for the rest of an answer, wherever it was broken off', () => {
  const whole = Buffer.concat([READ, DENIED, READ])
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 6 }), (cuts) => {
      const ends = [...cuts, whole.length].sort((a, b) => a - b)
      const found: unknown[] = []
      let rest: Buffer = Buffer.alloc(0)
      let begin = 0
      for (const end of ends) {
        const parsed = parseAnswers(Buffer.concat([rest, whole.subarray(begin, end)]))
        found.push(...parsed.answers)
        rest = parsed.rest
        begin = end
      }
      expect(found).toEqual([...ANSWERS, ANSWERS[0]])
      expect(rest.length).toBe(0)
    }),
  )
})

it('asks with the sizes of both texts in bytes', () => {
  const bytes = requestBytes([{ root: '/é', path: 'a', limit: 7 }])
  expect(bytes).toEqual(answerBytes([3, 1, 7], '/éa'))
})
