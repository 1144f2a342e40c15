import { isInitialInum } from '../kernel/namespace-types.ts'
import type { KnownNamespace } from '../model/inspection.ts'
import type { PidFacts, PidTask } from '../model/pid-facts.ts'
import type { NsRef } from '../model/snapshot.ts'
import { isWithin, lineOf, type ParentOf } from './ancestry.ts'
import { type ContainerRow, containerRows } from './container-row.ts'
import { lossyPaths } from './lossy.ts'
import { type SubjectRow, subjectRow } from './subject-row.ts'

/** The pids of processes at every level; the field names are the JSON contract's. */
export interface PidView {
  /** Who asks what it calls them; null: nobody. */
  readonly in: PidAsker | null
  readonly pids: readonly PidRow[]
}

export interface PidAsker {
  readonly target: string
  /** Null: it could not be read. */
  readonly ns: NsRef | null
}

export interface PidRow {
  /** As it was named. */
  readonly target: string
  readonly subject: SubjectRow
  /** From the PID namespace of the procfs down to its own. */
  readonly levels: readonly PidLevel[]
  /** What the asker calls it; null: nothing, nobody asks, or `unknown` names it. */
  readonly inside: number | null
  readonly unknown: readonly ('levels' | 'inside')[]
}

export interface PidLevel {
  /** 0: that of the procfs. */
  readonly level: number
  /** Null: `unknown` names it. */
  readonly ns: NsRef | null
  /** Of the process. Null: `unknown` names it. */
  readonly pid: number | null
  /** Of the thread; null: a process is meant. */
  readonly tid: number | null
  /** The first process of the namespace, as the reader sees it; null: `unknown` names it. */
  readonly init: number | null
  /** What contains that; null: nothing, or `unknown` names it. */
  readonly container: ContainerRow | null
  readonly unknown: readonly ('ns' | 'pid' | 'init' | 'container')[]
  readonly lossy: readonly string[]
}

export function pidView(facts: PidFacts): PidView {
  const { within, tasks } = facts
  const known = new Map(facts.namespaces.map((ns) => [ns.inum, ns]))
  const asker = within?.inum ?? null
  return {
    in: within && { target: within.text, ns: asker === null ? null : refOf(asker, known) },
    pids: tasks.map((task) => pidRow(task, facts, known)),
  }
}

type Known = ReadonlyMap<number, KnownNamespace>

function pidRow(task: PidTask, facts: PidFacts, known: Known): PidRow {
  const inside = insideOf(task, facts, known)
  return {
    target: task.text,
    subject: subjectRow(task),
    levels: levelsOf(task, facts, known),
    inside: inside ?? null,
    unknown: [
      ...(task.subject.nsPids.length === 0 ? (['levels'] as const) : []),
      ...(inside === undefined ? (['inside'] as const) : []),
    ],
  }
}

function levelsOf({ subject, processPids }: PidTask, facts: PidFacts, known: Known): PidLevel[] {
  // A kernel that does not tell them tells what the procfs is asked by.
  const nsPids = subject.nsPids.length > 0 ? subject.nsPids : [subject.pid]
  const line = lineOfTask(subject, known)
  const rowOf = containerRows()
  return nsPids.map((own, level) => {
    const told = subject.nsPids.length > 0 ? line[nsPids.length - 1 - level] : undefined
    const top = level === 0 ? facts.top : null
    const inum = told ?? top?.inum
    const pid = processPids === null ? own : level === 0 ? subject.tgid : processPids[level]
    const init = initOf(inum, facts)
    const container = init.container ? rowOf(init.container) : null
    return {
      level,
      ns: top ?? (inum === undefined ? null : refOf(inum, known)),
      ...{ pid: pid ?? null, tid: processPids === null ? null : own },
      ...{ init: init.pid || null, container },
      unknown: [
        ...(inum === undefined ? (['ns'] as const) : []),
        ...(pid === undefined ? (['pid'] as const) : []),
        ...init.unknown,
      ],
      lossy: lossyPaths(container?.name, 'container.name'),
    }
  })
}

/** The boot's first process is in no container, and pid 1. */
function initOf(
  inum: number | undefined,
  { inits }: PidFacts,
): PidFacts['inits'][number] & Pick<PidLevel, 'unknown'> {
  if (inum !== undefined && isInitialInum(inum)) {
    return { inum, pid: 1, container: null, unknown: [] }
  }
  const found = inits.find((each) => each.inum === inum)
  if (!found) return { inum: 0, pid: 0, container: undefined, unknown: ['init', 'container'] }
  return { ...found, unknown: found.container === undefined ? ['container'] : [] }
}

/** Its PID namespace and those above, upwards. */
function lineOfTask({ links }: PidTask['subject'], known: Known): number[] {
  return links.pid === undefined ? [] : lineOf(links.pid, parents(known))
}

/**
 * What the asker calls a task: as the kernel said, else by how far its PID namespace stands above.
 *
 * @returns null: nothing, or nobody asks; undefined: it cannot be told
 */
function insideOf(
  { subject, told }: PidTask,
  { within }: PidFacts,
  known: Known,
): number | null | undefined {
  if (within === null) return null
  if (told !== null) return told === 0 ? null : told
  const own = subject.links.pid
  if (within.inum === null || own === undefined) return undefined
  const isInside = isWithin(own, within.inum, parents(known))
  if (isInside !== true) return isInside === false ? null : undefined
  const steps = lineOfTask(subject, known).indexOf(within.inum)
  return subject.nsPids.at(-1 - steps)
}

function parents(known: Known): ParentOf {
  return (inum) => known.get(inum)?.parent
}

function refOf(inum: number, known: Known): NsRef {
  return { type: 'pid', inum, id: known.get(inum)?.id ?? null }
}
