import { nsTypeRow } from '../kernel/namespace-types.ts'
import type { WhyView } from '../query/why.ts'
import { hanging } from './hanging.ts'
import type { Theme } from './theme.ts'
import { refText } from './who.ts'
import { type HolderSection, holderSections } from './why-holders.ts'

export interface WhyScreen {
  readonly width: number | null
  readonly theme: Theme
  /** Holders of each kind that are shown at the most; null: all. */
  readonly most: number | null
}

/** Why one namespace is alive: the verdict, what holds it by kind, and what would let go of it. */
export async function renderWhy(view: WhyView, screen: WhyScreen): Promise<string> {
  const { theme } = screen
  const { namespace, verdict, release } = view
  const lines = [
    `${theme.heading(refText(namespace))}  ${nsTypeRow(namespace.type).title} namespace`,
    ...(await hanging('', verdict.text, { ...screen, style: verdictStyle(view, theme) })),
    ...(verdict.certain || verdict.code === 'none-visible' ? [] : [theme.unsure(UNCERTAIN)]),
  ]
  const sections = holderSections(view).map((section) => cutSection(section, screen.most))
  const width = Math.max(0, ...sections.map(({ title }) => title.length))
  if (sections.length > 0) lines.push('')
  for (const { title, lines: each } of sections) {
    for (const [i, line] of each.entries()) {
      const label = `  ${(i === 0 ? title : '').padEnd(width)}  `
      lines.push(...(await hanging(label, line, screen)))
    }
  }
  if (release.length > 0) {
    const shown = cutSection({ title: 'to let go of it', lines: release }, screen.most)
    lines.push('', theme.heading(shown.title))
    for (const line of shown.lines) {
      lines.push(...(await hanging('  ', line, screen)))
    }
  }
  return `${lines.join('\n')}\n`
}

const UNCERTAIN = 'there may be more: not everything could be looked at'

function verdictStyle({ verdict }: WhyView, theme: Theme): (text: string) => string {
  return verdict.code === 'none-visible' ? theme.unsure : theme.good
}

function cutSection({ title, lines }: HolderSection, most: number | null): HolderSection {
  if (most === null || lines.length <= most) return { title, lines }
  const left = lines.length - most
  return { title, lines: [...lines.slice(0, most), `${left} more: nsx why --verbose`] }
}
