import { isInitialInum, NAMESPACE_TYPES, type NsType } from '../kernel/namespace-types.ts'
import type { LeaderRow } from '../query/rows.ts'
import type { Cell, TableColumn } from '../query/table.ts'
import type { TreeMember } from '../query/tree/members.ts'
import type { NamespaceNode, NamespaceTree } from '../query/tree/namespace-tree.ts'
import type { ProcessNode, ProcessTree } from '../query/tree/process-tree.ts'
import type { Theme } from './theme.ts'
import { type Drawn, renderTree, type StyledCell } from './tree-lines.ts'
import { refText } from './who.ts'
import { wrapCell } from './wrap.ts'

export interface TreeScreen {
  readonly width: number | null
  readonly theme: Theme
  /** Members of each PID namespace that are shown at the most; null: all. */
  readonly most: number | null
}

/** A tree with what its signs mean below it. */
export async function renderTreeView(
  view: NamespaceTree | ProcessTree,
  screen: TreeScreen,
): Promise<string> {
  if (view.by === 'process') return renderProcesses(view, screen)
  const { by, namespaces, unplaced } = view
  const columns = by === 'owner' ? OWNER_COLUMNS : PARENT_COLUMNS
  const drawn = (nodes: readonly NamespaceNode[]): Drawn[] =>
    nodes.map((node) => drawNamespace(node, by, screen))
  const hidden = { text: '?', style: screen.theme.unsure }
  const roots = [
    ...drawn(namespaces),
    ...(unplaced.length > 0 ? [{ cells: hidden, below: drawn(unplaced) }] : []),
  ]
  if (roots.length === 0) return 'no such namespace was found\n'
  const text = await renderTree(columns, roots, screen)
  return unplaced.length > 0 ? text + footnote(UNPLACED[by], screen) : text
}

const UNPLACED = {
  owner: '?: who owns these, or what is above of these user namespaces, could not be read',
  parent: '?: the parents of these are out of sight, or could not be read',
} as const

const left = { align: 'left', shrink: 0 } as const
const right = { align: 'right', shrink: 0 } as const
const LAST = [
  { name: 'USER', ...left },
  { name: 'CONTAINER', ...left, shrink: 1 },
  { name: 'COMMAND', ...left, shrink: 2 },
] as const satisfies readonly TableColumn[]
const OWNER_COLUMNS: readonly TableColumn[] = [
  { name: 'NAMESPACE', ...left },
  { name: 'NPROCS', ...right },
  { name: 'PID', ...right },
  ...LAST,
]
const PARENT_COLUMNS: readonly TableColumn[] = [
  { name: 'NAMESPACE', ...left },
  { name: 'NPROCS', ...right },
  ...LAST,
]
const PROCESS_COLUMNS: readonly TableColumn[] = [
  { name: 'PID', ...left },
  { name: 'CHANGED', ...left },
  ...LAST,
]

function drawNamespace(node: NamespaceNode, by: NamespaceTree['by'], screen: TreeScreen): Drawn {
  const { theme, most } = screen
  const { owned, members, children, leader } = node
  const listed = most === null ? members : members.slice(0, most)
  const left = members.length - listed.length
  return {
    cells: [
      { text: refText(node.ns), style: namespaceStyle(node, theme) },
      { text: countText(node) },
      ...(by === 'owner' ? [{ text: leader?.pid ?? null }] : []),
      // Of a PID namespace its members stand below, the leader first.
      ...(members.length > 0 ? [EMPTY, EMPTY, EMPTY] : whoCells(node, theme)),
    ],
    below: [
      ...owned.map((each) => drawNamespace(each, by, screen)),
      ...listed.map((member) => drawMember(member, theme)),
      ...(left > 0 ? [{ cells: moreOf(left, theme), below: [] }] : []),
      ...children.map((each) => drawNamespace(each, by, screen)),
    ],
  }
}

const EMPTY = { text: null }

function moreOf(count: number, { dim }: Theme): StyledCell {
  return { text: `${count} more: nsx tree --by parent --verbose`, style: dim }
}

function namespaceStyle({ ns, targeted }: NamespaceNode, theme: Theme): (text: string) => string {
  if (targeted) return theme.heading
  return isInitialInum(ns.inum) ? theme.dim : (text) => text
}

/** `81+`: at least 81, for some processes could not be read; `81~`: some of them are inferred. */
function countText({ processCount, atLeast, inferred }: NamespaceNode): Cell {
  if (processCount === null) return null
  if (atLeast.includes('processCount')) return `${processCount}+`
  return inferred.includes('processCount') ? `${processCount}~` : processCount
}

function whoCells(node: NamespaceNode, theme: Theme): StyledCell[] {
  const { leader, container, heldBy, processCount } = node
  if (leader) return processCells(leader, container, theme)
  const held = processCount === 0 ? `held by ${heldBy ?? 'nothing that was looked for'}` : null
  return [EMPTY, EMPTY, { text: held, style: theme.dim }]
}

function processCells(
  { user, uid, args, command, comm }: LeaderRow,
  container: NamespaceNode['container'],
  theme: Theme,
): StyledCell[] {
  return [
    { text: user ?? uid?.toString() ?? null },
    { text: container?.label ?? null, ...(container ? { style: theme.good } : {}) },
    { text: args.length > 0 ? command : `[${comm}]` },
  ]
}

/** Its pids, from the reader's PID namespace down to its own: `950 → 7`. */
function drawMember(member: TreeMember, theme: Theme): Drawn {
  const pids = member.nsPids.length > 0 ? member.nsPids : [member.pid]
  return {
    cells: [
      { text: pids.join(theme.unicode ? ' → ' : ' -> ') },
      EMPTY,
      ...processCells(member, member.container, theme),
    ],
    below: [],
  }
}

async function renderProcesses({ processes }: ProcessTree, screen: TreeScreen): Promise<string> {
  const { theme, width } = screen
  const roots = processes.map((node) => drawProcess(node, theme))
  const text = await renderTree(PROCESS_COLUMNS, roots, screen)
  const letters = NAMESPACE_TYPES.map(({ letter, name }) => `${letter} ${name}`).join(', ')
  const unsure = processes.some(isUncompared) ? '; ? could not be compared' : ''
  const legend = `CHANGED: in another namespace than its parent: ${letters}${unsure}`
  // A pipe has the listing alone.
  return width === null ? text : text + footnote(legend, screen)
}

function isUncompared({ uncompared, children }: ProcessNode): boolean {
  return uncompared.length > 0 || children.some(isUncompared)
}

function drawProcess(node: ProcessNode, theme: Theme): Drawn {
  const { pid, targeted, folded, children, container } = node
  const texts = [
    ...(folded.unchanged > 0 ? [`${folded.unchanged} unchanged`] : []),
    ...(folded.uncompared > 0 ? [`${folded.uncompared} that could not be compared`] : []),
  ]
  const changed = changedText(node)
  const isChanged = /[A-Za-z]/.test(changed ?? '')
  return {
    cells: [
      { text: pid, ...(targeted ? { style: theme.heading } : {}) },
      { text: changed, style: isChanged ? theme.bad : theme.dim },
      ...processCells(node, container, theme),
    ],
    below: [
      ...(texts.length > 0
        ? [{ cells: { text: `(${texts.join(', ')})`, style: theme.dim }, below: [] }]
        : []),
      ...children.map((child) => drawProcess(child, theme)),
    ],
  }
}

/** A letter for each type, always in the same place: `mnpui-C-`. */
function changedText({ changed, uncompared }: ProcessNode): string | null {
  if (changed === null) return null
  const place = (name: NsType, letter: string): string =>
    name in changed ? letter : uncompared.includes(name) ? '?' : '-'
  const text = NAMESPACE_TYPES.map(({ name, letter }) => place(name, letter)).join('')
  return /^-+$/.test(text) ? null : text
}

function footnote(text: string, { width, theme }: TreeScreen): string {
  const room = width ?? Number.POSITIVE_INFINITY
  const lines = wrapCell(text, room, (any) => any.length)
  return lines.map((line) => `${theme.dim(line)}\n`).join('')
}
