/**
 * Characters that JSON may hold as they are, but that steer terminals or reorder text: DEL and C1,
 * bidi marks, embeddings, overrides and isolates, line and paragraph separators.
 */
const STEERING = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * One JSON document: a field a line, and an element a line where a field is a list, so that a long
 * listing stays short and can be compared line by line. A newline ends it.
 */
export function documentText(document: object): string {
  let text = '{'
  for (const [name, value] of Object.entries(document)) {
    text += `${text === '{' ? '' : ','}\n  ${JSON.stringify(name)}: ${field(value)}`
  }
  text += '\n}\n'
  return text.replace(STEERING, (character) => `\\u${hex(character)}`)
}

/** Added one to another and not joined: what is long is then copied once, when it is whole. */
function field(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value)
  let text = '['
  for (let i = 0; i < value.length; i++) {
    text += `${i === 0 ? '' : ','}\n    ${JSON.stringify(value[i])}`
  }
  return `${text}\n  ]`
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, '0')
}
