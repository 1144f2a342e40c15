import { isNsType, nsTypeRow } from '../kernel/namespace-types.ts'
import { describeHolders } from '../query/held-by.ts'
import type { MemberRow, NamespaceView } from '../query/show-namespace.ts'
import type { Table } from '../query/table.ts'
import { renderColumns } from './columns.ts'
import { renderContents } from './contents.ts'
import { cleanerOf } from './safe-text.ts'
import type { Theme } from './theme.ts'
import { refText } from './who.ts'

export interface NamespaceOptions {
  readonly width: number | null
  readonly theme: Theme
  /** Members that are shown at the most; null: all. */
  readonly most: number | null
}

/** One namespace: where it stands, what holds it, who is in it, and all that is inside. */
export async function renderNamespace(
  view: NamespaceView,
  options: NamespaceOptions,
): Promise<string> {
  const { theme } = options
  const parts = [
    `${headLines(view, theme).join('\n')}\n`,
    await memberLines(view.members, options),
    ...(view.contents === null
      ? []
      : [theme.heading('inside\n'), await renderContents(view.contents, options)]),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function headLines(view: NamespaceView, theme: Theme): string[] {
  const clean = cleanerOf(theme)
  const { owner, parent, ownerUid, nsid, children, ownedCounts, unknown } = view
  const unread = (field: string): string[] => (unknown.includes(field) ? ['not permitted'] : [])
  const facts: [name: string, value: string | undefined][] = [
    ['id', view.id ?? unread('id')[0]],
    ['owner', owner ? refText(owner) : unread('owner')[0]],
    ['parent', parent ? refText(parent) : unread('parent')[0]],
    ['created by uid', ownerUid === null ? unread('ownerUid')[0] : String(ownerUid)],
    ['nsid', nsid === null ? undefined : String(nsid)],
    ['children', children.map(refText).join(', ') || undefined],
    ['owns', countsText(ownedCounts) || undefined],
    ['held by', describeHolders(view) ?? NOT_LOOKED_FOR],
    ['inside', view.summary ?? undefined],
  ]
  const width = Math.max(...facts.map(([name]) => name.length))
  return [
    `${theme.heading(refText(view))}  ${nsTypeRow(view.type).title} namespace`,
    ...facts.flatMap(([name, value]) =>
      value === undefined ? [] : [`  ${theme.dim(name.padEnd(width))}  ${clean(value)}`],
    ),
  ]
}

/** It is there, so something does. */
const NOT_LOOKED_FOR =
  'nothing that was looked for (threads, *_for_children and other mount namespaces are not)'

function countsText(counts: NamespaceView['ownedCounts']): string {
  return Object.entries(counts)
    .map(([type, count]) => `${count} ${isNsType(type) ? nsTypeRow(type).name : type}`)
    .join(', ')
}

async function memberLines(
  members: readonly MemberRow[],
  { width, theme, most }: NamespaceOptions,
): Promise<string> {
  if (members.length === 0) return ''
  const shown = most === null ? members : members.slice(0, most)
  const text = await renderColumns(memberTable(shown), { width, theme, headings: true })
  const left = members.length - shown.length
  return text + (left > 0 ? theme.dim(`${left} more: nsx show --verbose\n`) : '')
}

function memberTable(members: readonly MemberRow[]): Table {
  const left = { align: 'left', shrink: 0 } as const
  return {
    columns: [
      { name: 'PID', align: 'right', shrink: 0 },
      { name: 'USER', ...left },
      { name: 'CONTAINER', ...left },
      { name: 'COMMAND', ...left, shrink: 1 },
    ],
    rows: members.map(({ pid, user, uid, container, args, command, comm }) => [
      pid,
      user ?? uid?.toString() ?? null,
      container?.label ?? null,
      args.length > 0 ? command : `[${comm}]`,
    ]),
  }
}
