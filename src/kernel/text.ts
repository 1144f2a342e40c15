import { isUtf8 } from 'node:buffer'

export interface DecodedText {
  readonly text: string
  /** Some bytes were not UTF-8 and became U+FFFD. */
  readonly lossy: boolean
}

/** Decodes bytes that a process chose: names and arguments need not be text at all. */
export function decodeText(bytes: Buffer): DecodedText {
  return { text: bytes.toString('utf8'), lossy: !isUtf8(bytes) }
}
