/**
 * Characters that JSON may hold as they are, but that steer terminals or reorder text: DEL and C1,
 * bidi marks, embeddings, overrides and isolates, line and paragraph separators.
 */
const STEERING = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** One JSON document, indented, with a newline at the end. */
export function documentText(document: unknown): string {
  const text = JSON.stringify(document, null, 2)
  return `${text.replace(STEERING, (character) => `\\u${hex(character)}`)}\n`
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, '0')
}
