import type { Answers } from './contents.ts'

/** The bytes of an answer; null where there are none, for whatever reason. */
export function bytesOf(answers: Answers, name: string): Buffer | null {
  const answer = answers[name]
  if (!(answer instanceof Uint8Array)) return null
  return Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength)
}

/** The same as text of one byte a character, in which the kernel's own formats are parsed. */
export function latin1Of(answers: Answers, name: string): string | null {
  return bytesOf(answers, name)?.toString('latin1') ?? null
}
