import type { FileBelow, FileContent } from '../model/inside.ts'

/** As native/nsx-read.c has it: three numbers, then the bytes of the root and those of the path. */
const REQUEST_NUMBERS = 3
/** Six numbers (errno, uid, gid, mode, cut, size), then the bytes of the file. */
const ANSWER_NUMBERS = 6
const NUMBER_BYTES = Uint32Array.BYTES_PER_ELEMENT

/** What a file has in it, or the errno (a number) with which it could not be read. */
export type FileAnswer = FileContent | number

export interface ParsedAnswers {
  readonly answers: readonly FileAnswer[]
  /** The beginning of the next one. */
  readonly rest: Buffer
}

export function requestBytes(files: readonly FileBelow[]): Buffer {
  return Buffer.concat(
    files.flatMap(({ root, path, limit }) => {
      const texts = [Buffer.from(root), Buffer.from(path)]
      const numbers = Uint32Array.from([...texts.map((text) => text.length), limit])
      return [Buffer.from(numbers.buffer, 0, REQUEST_NUMBERS * NUMBER_BYTES), ...texts]
    }),
  )
}

/** All answers that have arrived in full. */
export function parseAnswers(bytes: Buffer): ParsedAnswers {
  const answers: FileAnswer[] = []
  let at = 0
  for (;;) {
    const begin = at + ANSWER_NUMBERS * NUMBER_BYTES
    if (begin > bytes.length) break
    // A copy, for the numbers need not be aligned here.
    const numbers = new Uint32Array(Uint8Array.from(bytes.subarray(at, begin)).buffer)
    const [errno = 0, uid = 0, gid = 0, mode = 0, cut = 0, size = 0] = numbers
    if (begin + size > bytes.length) break
    at = begin + size
    // Copied out: a small file must not keep all the others.
    const content = Uint8Array.from(bytes.subarray(begin, at))
    answers.push(errno === 0 ? { bytes: content, cut: cut !== 0, uid, gid, mode } : errno)
  }
  return { answers, rest: bytes.subarray(at) }
}
