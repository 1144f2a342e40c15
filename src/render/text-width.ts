/** Columns that a text takes on a terminal: wide characters take two, combining ones none. */
export type Measure = (text: string) => number

const ASCII = /^[\u0020-\u007e]*$/

/** The measure for these texts. Only text beyond ASCII needs the tables of Unicode, loaded then. */
export async function measureOf(texts: readonly string[]): Promise<Measure> {
  // Of one long text this is known sooner than of many short ones.
  if (ASCII.test(texts.join(''))) return (text) => text.length
  const { default: stringWidth } = await import('string-width')
  return (text) => (ASCII.test(text) ? text.length : stringWidth(text))
}

export interface Room {
  readonly width: number
  readonly measure: Measure
  /** False: the mark of what was cut must be ASCII. */
  readonly unicode: boolean
}

/** The text, or as much of its beginning as fits with a mark that says so. */
export function shorten(text: string, { width, measure, unicode }: Room): string {
  // 80 kB of arguments need not be measured to know that they do not fit. Half a character is none.
  const head = text.slice(0, width * 4 + 8).replace(/[\ud800-\udbff]$/, '')
  if (head.length === text.length && measure(text) <= width) return text
  const mark = unicode ? '…' : '...'
  let kept = ''
  let used = mark.length
  for (const character of head) {
    used += measure(character)
    if (used > width) break
    kept += character
  }
  return kept + mark
}
