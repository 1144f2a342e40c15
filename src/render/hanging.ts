import { cleanerOf } from './safe-text.ts'
import { measureOf } from './text-width.ts'
import type { Theme } from './theme.ts'
import { wrapCell } from './wrap.ts'

export interface Hanging {
  /** The terminal's columns; null: a line is as long as it is. */
  readonly width: number | null
  readonly theme: Theme
  /** Of the text, not of its label. */
  readonly style?: (text: string) => string
}

/** Below this a wrapped text is a column of syllables. */
const LEAST = 24

/** A label, and what belongs to it in lines below each other, safe for a terminal. */
export async function hanging(
  label: string,
  text: string,
  { width, theme, style = (line) => line }: Hanging,
): Promise<string[]> {
  const safe = cleanerOf(theme)(text)
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(LEAST, width - label.length)
  const lines = wrapCell(safe, room, await measureOf([safe]))
  return lines.map((line, i) => {
    const begin = i === 0 ? theme.dim(label) : ' '.repeat(label.length)
    return `${begin}${style(line)}`.trimEnd()
  })
}
