import { readFileSync } from 'node:fs'
import type { ByteString } from '../model/exec-plan.ts'

/** What Node made of bytes that are not UTF-8. */
const LOST = '\ufffd'

/**
 * The words as bytes. Node reads argv as UTF-8, and what is none is lost; where that happened, they are
 * taken from `raw`, the process's own cmdline (proc_pid_cmdline(5)), of which they are the end.
 */
export function byteWords(words: readonly string[], raw: () => Buffer): readonly ByteString[] {
  if (!words.some((word) => word.includes(LOST))) return words.map(bytesOf)
  const given = raw().toString('latin1').split('\0').slice(0, -1).slice(-words.length)
  return words.map((word, index) => {
    const bytes = given[index]
    if (bytes !== undefined && textOf(bytes) === word) return bytes
    throw new Error(`the bytes of ${word} are not at the end of /proc/self/cmdline`)
  })
}

export function ownCmdline(): Buffer {
  return readFileSync('/proc/self/cmdline')
}

function bytesOf(word: string): ByteString {
  return Buffer.from(word, 'utf8').toString('latin1')
}

function textOf(bytes: ByteString): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
