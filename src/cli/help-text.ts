import { type Theme, themeOf } from '../render/theme.ts'
import type { Screen } from './screen.ts'

/** What help pages are drawn on. */
export interface Page {
  readonly width: number
  readonly theme: Pick<Theme, 'heading'>
}

export async function pageOf(screen: Screen): Promise<Page> {
  const { width = 80 } = screen
  // Long lines are hard to read: a wide terminal does not widen the page without end.
  return { width: Math.min(Math.max(width, 40), 100), theme: await themeOf(screen) }
}

/** A heading and the lines below it; nothing if there are none. */
export function section(page: Page, title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [page.theme.heading(`${title}:`), ...lines].join('\n')
}

/** Terms, and what they mean in a second column. */
export function definitions(
  page: Page,
  pairs: readonly (readonly [term: string, meaning: string])[],
): string[] {
  const column = Math.min(Math.max(0, ...pairs.map(([term]) => term.length)), 24) + 4
  const gap = ' '.repeat(column)
  return pairs.flatMap(([term, meaning]) => {
    const lines = wrap(meaning, page.width - column)
    const first = `  ${term}`
    return first.length + 2 > column
      ? [first, ...lines.map((line) => gap + line)]
      : lines.map((line, index) => (index === 0 ? first.padEnd(column) : gap) + line)
  })
}

export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
