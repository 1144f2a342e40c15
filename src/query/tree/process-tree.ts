import { NS_TYPE_NAMES, type NsType } from '../../kernel/namespace-types.ts'
import type { PlacedProcess, Population } from '../../model/population.ts'
import type { NsRef } from '../../model/snapshot.ts'
import { type NsSet, nsSetsOf } from '../ns-sets.ts'
import { append } from './append.ts'
import type { Branch } from './branch.ts'
import { type TreeMember, treeMembers } from './members.ts'

/** A process that is shown, with those below it; the field names are the JSON contract's. */
export interface ProcessNode extends TreeMember {
  /** By type, the namespaces in which it differs from its parent; null: its parent is out of sight. */
  readonly changed: Readonly<Partial<Record<NsType, NsRef>>> | null
  /** Types that could not be compared with those of its parent. */
  readonly uncompared: readonly NsType[]
  /** Processes below it, and below no other that is shown. */
  readonly folded: {
    /** In the namespaces of their parents. */
    readonly unchanged: number
    /** Which could not be compared with their parents in whole. */
    readonly uncompared: number
  }
  readonly targeted: boolean
  readonly children: readonly ProcessNode[]
}

export interface ProcessTree {
  readonly by: 'process'
  readonly processes: readonly ProcessNode[]
}

export interface ProcessTreeQuestion {
  readonly types: ReadonlySet<NsType>
  /** Null: all of it. */
  readonly branch: Branch | null
}

/** How a process stands to its parent. */
interface Change {
  readonly process: PlacedProcess
  /** Null: out of sight. */
  readonly parent: number | null
  readonly changed: readonly NsType[]
  readonly uncompared: readonly NsType[]
  /** It is not where everybody is, and of its parent nobody knows. */
  readonly elsewhere: boolean
}

/**
 * The processes that are shown: those at the top, those that differ from their parents, and these; also
 * those that are in no initial namespace, where the parent's could not be read.
 */
export function shownInTree(population: Population, question: ProcessTreeQuestion): Set<number> {
  return shownAmong(changesOf(population, question), question)
}

/**
 * The process tree, reduced to where namespaces change. All others are folded into the nearest process
 * above them that is shown.
 */
export function processTree(population: Population, question: ProcessTreeQuestion): ProcessTree {
  const changes = changesOf(population, question)
  const shown = shownAmong(changes, question)
  const above = nearestShown(changes, shown)
  const below = new Map<number | null, number[]>()
  const folded = new Map<number, { unchanged: number; uncompared: number }>()
  for (const [pid, { uncompared }] of changes) {
    const at = above(pid)
    if (shown.has(pid)) append(below, at, pid)
    else if (at !== null) {
      const counts = folded.get(at) ?? { unchanged: 0, uncompared: 0 }
      counts[uncompared.length > 0 ? 'uncompared' : 'unchanged']++
      folded.set(at, counts)
    }
  }
  const member = treeMembers(population)
  const refs = new Map(population.snapshot.namespaces.map((ns) => [ns.inum, ns]))
  const sets = nsSetsOf(population.snapshot)
  const grow = (pid: number): ProcessNode[] => {
    const children = (below.get(pid) ?? []).flatMap(grow)
    const row = member(pid)
    // It has ended meanwhile; those below it have not.
    if (!row) return children
    const { changed, uncompared } = changes.get(pid) as Change
    return [
      {
        ...row,
        changed: changedRefs(sets.get(pid), changed, refs),
        uncompared,
        folded: folded.get(pid) ?? { unchanged: 0, uncompared: 0 },
        targeted: isTargeted(pid, sets, question),
        children,
      },
    ]
  }
  // Of one whose parent has ended meanwhile, too, the parent is out of sight.
  const top = (below.get(null) ?? []).flatMap(grow)
  return {
    by: 'process',
    processes: top.map((node) => ({ ...node, changed: null, uncompared: [] })),
  }
}

function changedRefs(
  set: NsSet | undefined,
  changed: readonly NsType[],
  refs: ReadonlyMap<number, NsRef>,
): Partial<Record<NsType, NsRef>> {
  return Object.fromEntries(
    changed.flatMap((name) => {
      const ref = refs.get(set?.[name] ?? 0)
      return ref ? [[name, { type: ref.type, inum: ref.inum, id: ref.id }]] : []
    }),
  )
}

/** Of each process of the branch, ascending by pid. */
function changesOf(
  { snapshot, placed, initial: initialInums }: Population,
  { types, branch }: ProcessTreeQuestion,
): Map<number, Change> {
  const sets = nsSetsOf(snapshot)
  const known = new Map(placed.map((process) => [process.pid, process]))
  const asked = NS_TYPE_NAMES.filter((type) => types.has(type))
  const initial = new Set(initialInums)
  const kept = branch && keptPids(branch, known, sets)
  const changes = new Map<number, Change>()
  for (const process of placed) {
    if (kept && !kept.has(process.pid)) continue
    const parent = parentOf(process, known)
    const compared = parent === null ? NOTHING : compare(process, parent, { sets, asked, initial })
    changes.set(process.pid, { process, parent: parent?.pid ?? null, ...compared })
  }
  return changes
}

const NOTHING = { changed: [], uncompared: [], elsewhere: false } as const

interface Compared {
  readonly sets: ReadonlyMap<number, NsSet>
  readonly asked: readonly NsType[]
  readonly initial: ReadonlySet<number>
}

function compare(
  of: PlacedProcess,
  parent: PlacedProcess,
  { sets, asked, initial }: Compared,
): Pick<Change, 'changed' | 'uncompared' | 'elsewhere'> {
  const set = sets.get(of.pid) ?? {}
  const above = sets.get(parent.pid) ?? {}
  const changed: NsType[] = []
  const uncompared: NsType[] = []
  for (const type of asked) {
    const [own, its] = [set[type], above[type]]
    // A zombie has given up most of its namespaces: there is nothing that could be compared.
    const ended = (own === undefined && isZombie(of)) || (its === undefined && isZombie(parent))
    if (ended) continue
    if (own === undefined || its === undefined) uncompared.push(type)
    else if (own !== its) changed.push(type)
  }
  if (changed.length + uncompared.length === 0) return NOTHING
  const elsewhere = uncompared.some((type) => {
    const own = set[type]
    return own !== undefined && !initial.has(own)
  })
  return { changed, uncompared, elsewhere }
}

function isZombie({ state }: PlacedProcess): boolean {
  return state === 'Z' || state === 'X'
}

/** Null where it is out of sight, or is another process by now. */
function parentOf(
  process: PlacedProcess,
  known: ReadonlyMap<number, PlacedProcess>,
): PlacedProcess | null {
  const parent = known.get(process.ppid)
  return parent && isOlder(parent, process) ? parent : null
}

/** Of two of the same tick the lower pid, so that no circle can come of pids that are used again. */
function isOlder(a: PlacedProcess, b: PlacedProcess): boolean {
  const [first, second] = [BigInt(a.startTicks), BigInt(b.startTicks)]
  return first < second || (first === second && a.pid < b.pid)
}

/** A process with all those above and below it; of a namespace its members with those above them. */
function keptPids(
  { pid, inums }: Branch,
  known: ReadonlyMap<number, PlacedProcess>,
  sets: ReadonlyMap<number, NsSet>,
): Set<number> {
  const kept = new Set<number>()
  const isIn = (each: number): boolean =>
    Object.values(sets.get(each) ?? {}).some((inum) => inums.has(inum))
  for (const process of known.values()) {
    const line = lineOf(process, known)
    const wanted = pid === null ? isIn(process.pid) : line.includes(pid)
    if (wanted) for (const each of line) kept.add(each)
  }
  return kept
}

/** Its pid and those of all that are above it. */
function lineOf(process: PlacedProcess, known: ReadonlyMap<number, PlacedProcess>): number[] {
  const line: number[] = []
  for (let at: PlacedProcess | null = process; at; ) {
    line.push(at.pid)
    at = parentOf(at, known)
  }
  return line
}

function shownAmong(
  changes: ReadonlyMap<number, Change>,
  { branch }: ProcessTreeQuestion,
): Set<number> {
  const shown = new Set<number>()
  for (const [pid, { parent, changed, elsewhere }] of changes) {
    if (parent === null || elsewhere || pid === branch?.pid) shown.add(pid)
    if (changed.length === 0 || parent === null) continue
    shown.add(pid)
    shown.add(parent)
  }
  return shown
}

/** The nearest process above one that is shown; null: it is at the top. */
function nearestShown(
  changes: ReadonlyMap<number, Change>,
  shown: ReadonlySet<number>,
): (pid: number) => number | null {
  return (pid) => {
    let at = changes.get(pid)?.parent ?? null
    while (at !== null && !shown.has(at)) at = changes.get(at)?.parent ?? null
    return at
  }
}

function isTargeted(
  pid: number,
  sets: ReadonlyMap<number, NsSet>,
  { branch }: ProcessTreeQuestion,
): boolean {
  if (branch === null) return false
  if (branch.pid !== null) return branch.pid === pid
  return Object.values(sets.get(pid) ?? {}).some((inum) => branch.inums.has(inum))
}
