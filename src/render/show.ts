import { NAMESPACE_TYPES, type NsType } from '../kernel/namespace-types.ts'
import type { Sharing } from '../query/sharing.ts'
import type { ShownNamespace, ShowView } from '../query/show.ts'
import { renderContents } from './contents.ts'
import { cleanerOf } from './safe-text.ts'
import type { Sheet, SheetRow } from './sheet.ts'
import { evidenceLines, headLines } from './show-head.ts'
import { tailLines } from './show-tail.ts'
import type { Theme } from './theme.ts'
import { refText } from './who.ts'

export interface ShowOptions {
  readonly width: number | null
  readonly theme: Theme
  /** The types that are shown. */
  readonly types: ReadonlySet<NsType>
  /** Also by what evidence the container was named. */
  readonly verbose: boolean
}

/** One task: who it is, its namespaces, what differs among its threads, what it may do. */
export async function renderShow(view: ShowView, options: ShowOptions): Promise<string> {
  const { renderSheet } = await import('./sheet.ts')
  return [
    ...(await headLines(view, options)),
    ...(options.verbose ? evidenceLines(view.subject.container, options.theme) : []),
    '',
    await renderSheet(namespaceSheet(view, options), options),
    ...tailLines(view, options),
    ...(options.verbose ? await insideLines(view, options) : []),
  ].join('\n')
}

/** All that is inside of each namespace, where the table has one line. */
async function insideLines({ namespaces }: ShowView, options: ShowOptions): Promise<string[]> {
  const texts: string[] = []
  for (const { name } of NAMESPACE_TYPES) {
    const shown = options.types.has(name) ? namespaces[name] : null
    if (!shown?.contents) continue
    texts.push(options.theme.heading(`inside of ${refText(shown.ns)}`))
    texts.push(await renderContents(shown.contents, options))
  }
  return texts
}

const GROUPS = [
  { heldIn: 'nsproxy', title: 'nsproxy' },
  { heldIn: 'credentials', title: 'credentials' },
  { heldIn: 'pid', title: 'struct pid' },
] as const

function namespaceSheet(view: ShowView, options: ShowOptions): Sheet {
  const rows = GROUPS.flatMap(({ heldIn, title }): SheetRow[] => {
    const types = NAMESPACE_TYPES.filter(
      (row) => row.heldIn === heldIn && options.types.has(row.name),
    )
    if (types.length === 0) return []
    return [{ group: title }, ...types.map(({ name }) => namespaceRow(name, view, options.theme))]
  })
  return {
    columns: [
      { name: 'TYPE', grow: 0 },
      { name: 'NS', grow: 0 },
      { name: 'NPROCS', grow: 0 },
      { name: 'SHARED WITH', grow: 2 },
      { name: 'OWNER', grow: 0 },
      { name: 'INSIDE', grow: 3 },
    ],
    rows,
  }
}

function namespaceRow(type: NsType, view: ShowView, theme: Theme): SheetRow {
  const clean = cleanerOf(theme)
  const shown = view.namespaces[type]
  if (!shown) {
    const unread = view.unknown.includes(`namespaces.${type}`)
    const why = unread ? 'not permitted to look' : 'none (any more)'
    const style = unread ? theme.unsure : theme.dim
    const empty = { text: '-' }
    return [{ text: type }, empty, empty, { text: why, style }, empty, empty]
  }
  return [
    { text: type },
    { text: String(shown.ns.inum) },
    { text: countText(shown) },
    { text: clean(sharedText(shown)), style: sharedStyle(shown, theme) },
    { text: ownerText(shown, view) },
    { text: clean(insideText(shown)) },
  ]
}

/** `81+`: at least 81, for some processes could not be read. */
function countText({ processCount, atLeast }: ShownNamespace): string {
  if (processCount === null) return '-'
  return `${processCount}${atLeast.includes('processCount') ? '+' : ''}`
}

const SHARED: Readonly<Record<Sharing, string>> = {
  initial: 'initial',
  container: 'its container',
  own: 'only this process',
  others: 'others',
}

/** Labels of containers that are shown at the most. */
const MOST_LABELS = 3

function sharedText({ sharing, sharedWith, sharedOutside }: ShownNamespace): string {
  if (sharing === null) return 'nobody seen'
  if (sharedWith.length === 0) return SHARED[sharing]
  const left = sharedWith.length - MOST_LABELS
  return [
    ...sharedWith.slice(0, MOST_LABELS),
    ...(left > 0 ? [`${left} more containers`] : []),
    ...(sharedOutside ? ['processes in none'] : []),
  ].join(', ')
}

function sharedStyle({ sharing }: ShownNamespace, theme: Theme): (text: string) => string {
  if (sharing === 'initial') return theme.bad
  return sharing === 'own' || sharing === 'container' ? theme.good : (text) => text
}

/** The owner's inode; most often it is the user namespace that stands below in the same table. */
function ownerText({ owner, unknown }: ShownNamespace, { namespaces }: ShowView): string {
  if (owner === null) return unknown.includes('owner') ? '?' : '-'
  return owner.inum === namespaces.user?.ns.inum ? 'its user' : String(owner.inum)
}

function insideText(shown: ShownNamespace): string {
  const { summary, level, forChildren, contents, unknown } = shown
  const saysLevel = contents !== null && 'level' in contents
  const parts = [
    ...(level === null || level === 0 || saysLevel ? [] : [`level ${level}`]),
    ...(summary ? [summary] : []),
    ...unreadText(shown),
    ...(forChildren === null ? [] : [`children: ${refText(forChildren)}`]),
    ...(unknown.includes('forChildren') ? ['children: a new one, still empty'] : []),
  ]
  return parts.length > 0 ? parts.join('; ') : '-'
}

/** Which fields --verbose names; one alone has room here. */
function unreadText({ summary, contents }: ShownNamespace): string[] {
  const unread = contents?.unknown ?? []
  if (unread.length === 0) return []
  const fields = Object.keys(contents ?? {}).filter((name) => !['type', 'unknown'].includes(name))
  if (!summary && fields.every((field) => unread.includes(field))) return ['not readable']
  return [unread.length === 1 ? `${unread[0]} not readable` : 'not all readable']
}
