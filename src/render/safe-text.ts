/**
 * Characters that move the cursor, change the terminal or hide what follows: C0 and C1 controls,
 * DEL, line and paragraph separators, bidirectional marks, zero-width characters, tags, surrogates
 * without a partner.
 */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu

const PLAIN = /^[\u0020-\u007e]*$/

/** Printable ASCII, as most text is: shown as it is everywhere. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text)
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' }

/**
 * Text that a process chose, fit for a terminal: what could act on it becomes visible, such as
 * `\x1b` and `\u{202e}`.
 */
export function safeText(text: string): string {
  if (isPlain(text)) return text
  return text.replace(UNSAFE, (character) => SHORT[character] ?? escapeCharacter(character))
}

/** One word without blanks and without anything that is not plain ASCII, as `lsns --raw` writes it. */
export function rawText(text: string): string {
  const bytes = Buffer.from(text, 'utf8')
  let raw = ''
  for (const byte of bytes) {
    const plain = byte > 0x20 && byte < 0x7f && byte !== 0x5c
    raw += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return raw
}

/** What our own words are written with, in the characters that there are. */
const IN_ASCII: Readonly<Record<string, string>> = { '→': '->', '…': '...' }

/** For a locale that is not UTF-8. */
export function asciiText(text: string): string {
  return text.replace(
    /[^\u0000-\u007e]/gu,
    (character) => IN_ASCII[character] ?? escapeCharacter(character),
  )
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

export type Cleaner = (text: string) => string

/** Makes text fit for a terminal of this kind. */
export function cleanerOf({ unicode }: { readonly unicode: boolean }): Cleaner {
  return unicode ? safeText : (text) => asciiText(safeText(text))
}
