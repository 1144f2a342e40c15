import type { HolderKind } from '../model/snapshot.ts'
import type { ContainerRow } from '../query/container-row.ts'
import type { HolderRow } from '../query/rows.ts'
import type { MemberRow } from '../query/show-namespace.ts'
import type { DependentRow, HoldingNamespace, WhyView } from '../query/why.ts'
import { refText } from './who.ts'

/** What of one kind holds a namespace, a line each; not safe for a terminal yet. */
export interface HolderSection {
  readonly title: string
  readonly lines: readonly string[]
}

/** In the order in which they are told; a section without lines is left out. */
export function holderSections(view: WhyView): HolderSection[] {
  const { namespace, dependents, mountNamespaces } = view
  const of = (kind: HolderKind): HolderRow[] =>
    namespace.holders.filter((holder) => holder.kind === kind)
  const open = (kind: HolderKind, one: string): string[] => openLines(of(kind), one)
  const direct = (relation: DependentRow['relation']): string[] =>
    dependents.flatMap((row) =>
      row.relation === relation && row.of.inum === namespace.inum ? [dependentLine(row)] : [],
    )
  const further = dependents.filter((row) => row.of.inum !== namespace.inum)
  const sections: HolderSection[] = [
    { title: 'members', lines: namespace.members.map(memberLine) },
    { title: 'threads', lines: of('thread').map(threadLine) },
    { title: 'for children', lines: of('forChildren').map(forChildrenLine) },
    { title: 'descriptors', lines: open('descriptor', 'fd') },
    { title: 'sockets', lines: open('socket', 'fd') },
    { title: 'devices', lines: open('device', 'fd') },
    {
      title: 'bind mounts',
      lines: of('mount').map((holder) => mountLine(holder, mountNamespaces)),
    },
    { title: 'children', lines: direct('child') },
    { title: 'owns', lines: direct('owned') },
    {
      title: 'further below',
      lines: further.map((row) => `${dependentLine(row)} (${belowOf(row)})`),
    },
  ]
  return sections.filter(({ lines }) => lines.length > 0)
}

function memberLine({ comm, pid, user, uid, container }: MemberRow): string {
  const owner = user ?? (uid === null ? null : `uid ${uid}`)
  return `${comm} (${pid})${owner === null ? '' : ` of ${owner}`}${inContainer(container)}`
}

function inContainer(container: ContainerRow | null): string {
  return container === null ? '' : `, ${container.label}`
}

function who({ process, container }: HolderRow): string {
  if (process === null) return 'a process that has ended, or could not be read'
  return `${process.comm} (${process.pid})${inContainer(container)}`
}

function threadLine(holder: HolderRow): string {
  const tid = holder.process?.tid
  return `${typeof tid === 'number' ? `thread ${tid}` : 'a thread'} of ${who(holder)}`
}

function forChildrenLine(holder: HolderRow): string {
  const tid = holder.process?.tid
  const thread = typeof tid === 'number' && tid !== holder.process?.pid ? `thread ${tid} of ` : ''
  return `those of ${thread}${who(holder)}`
}

/** Descriptors of one process in one line. */
function openLines(holders: readonly HolderRow[], one: string): string[] {
  const groups = new Map<string, (number | null)[]>()
  for (const holder of holders) {
    const name = who(holder)
    groups.set(name, [...(groups.get(name) ?? []), holder.fd])
  }
  return [...groups].map(
    ([name, fds]) => `${fds.length > 1 ? `${one}s` : one} ${fds.join(', ')} of ${name}`,
  )
}

function mountLine(
  { path, mountNamespace }: HolderRow,
  others: readonly HoldingNamespace[],
): string {
  const other = others.find(({ namespace }) => namespace.inum === mountNamespace?.inum)
  if (!other) return path ?? 'where could not be told'
  return `${path ?? '?'} in ${refText(other.namespace)}: ${inTurn(other)}`
}

function dependentLine(row: DependentRow): string {
  return `${refText(row.namespace)}: ${inTurn(row)}`
}

function belowOf({ relation, of }: DependentRow): string {
  return relation === 'child' ? `child of ${refText(of)}` : `of ${refText(of)}`
}

/** What holds the holder, in short. */
function inTurn({ heldBy, leader, container }: HoldingNamespace): string {
  if (heldBy === null) return 'nothing that could be seen'
  if (leader === null) return heldBy
  return `${heldBy}; topmost ${leader.comm} (${leader.pid})${inContainer(container)}`
}
