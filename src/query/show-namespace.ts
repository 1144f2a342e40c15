import { NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import type { ContentsData, NamespaceInspection } from '../model/inspection.ts'
import type { NsRef, Process } from '../model/snapshot.ts'
import { type ContainerRow, containerRows } from './container-row.ts'
import { summariseContents } from './contents.ts'
import { lossyPaths } from './lossy.ts'
import { type LeaderRow, type Row, rowsOf } from './rows.ts'
import { withoutInum } from './show.ts'

/** The view of one namespace; the field names are the JSON contract's. */
export interface NamespaceView extends Row {
  /** Of a user or PID namespace, those directly below it. */
  readonly children: readonly NsRef[]
  /** Of a user namespace: how many namespaces it owns, by type. */
  readonly ownedCounts: Readonly<Record<string, number>>
  /** Topmost ones first. */
  readonly members: readonly MemberRow[]
  readonly contents: ContentsData | null
  readonly summary: string | null
}

export interface MemberRow extends LeaderRow {
  readonly container: ContainerRow | null
  readonly unknown: readonly string[]
  readonly lossy: readonly string[]
}

export function namespaceView(inspection: NamespaceInspection): NamespaceView {
  const { snapshot, inum, members, contents, containers } = inspection
  const [row] = rowsOf(snapshot, {
    types: new Set(NS_TYPE_NAMES),
    only: { inums: new Set([inum]), ids: new Set() },
    ofTask: null,
    persistent: false,
  })
  if (!row) throw new Error(`no row of ${inum}`)
  const rowOf = containerRows()
  const below = (kind: string): NsRef[] =>
    row.holders.flatMap((holder) => (holder.kind === kind && holder.namespace) || [])
  return {
    ...row,
    children: below('child'),
    ownedCounts: countByType(below('owned')),
    members: members.map((process) => {
      const container = containers[process.pid]
      return memberRow(process, container && rowOf(container))
    }),
    contents: contents && withoutInum(contents),
    summary: contents && summariseContents(contents),
    unknown: [
      ...row.unknown,
      ...(row.holderCounts.child === null ? ['children'] : []),
      ...(row.holderCounts.owned === null ? ['ownedCounts'] : []),
    ],
    lossy: [...row.lossy, ...(contents ? lossyPaths(withoutInum(contents), 'contents') : [])],
  }
}

function countByType(refs: readonly NsRef[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const type of NS_TYPE_NAMES) {
    const count = refs.filter((ref) => ref.type === type).length
    if (count > 0) counts[type] = count
  }
  return counts
}

function memberRow(process: Process, container: ContainerRow | null | undefined): MemberRow {
  const { pid, ppid, startTicks, comm, uid, user, args, lossy } = process
  return {
    ...{ pid, tid: null, startTicks, comm, ppid, uid, user },
    command: args && args.length > 0 ? args.join(' ').trimEnd() : comm,
    args: args ?? [],
    container: container ?? null,
    unknown: [
      ...(uid === null ? ['uid'] : []),
      ...(args === null ? ['args'] : []),
      ...(container === undefined ? ['container'] : []),
    ],
    lossy: [...lossy, ...lossyPaths(container?.name, 'container.name')],
  }
}
