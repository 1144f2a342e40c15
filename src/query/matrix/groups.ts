import { NS_TYPE_NAMES, type NsType } from '../../kernel/namespace-types.ts'
import type { Container } from '../../model/container.ts'
import { topmost } from '../../model/kin.ts'
import type { PlacedProcess, Population } from '../../model/population.ts'
import { type NsSet, nsSetsOf } from '../ns-sets.ts'

/** Processes with the same namespaces, in the same container. */
export interface Group {
  readonly set: NsSet
  /** The innermost that is no systemd unit; null: they are in none. */
  readonly container: Container | null
  /** The systemd unit that they are all in, where that is what tells them from others. */
  readonly unit: Container | null
  readonly processes: readonly PlacedProcess[]
  readonly leader: PlacedProcess
  /** Of a container: where its topmost process is. Of no container: the initial namespaces. */
  readonly main: boolean
}

/**
 * All processes by their namespaces of the asked types. A zombie has given up its namespaces, and is in
 * none of the groups.
 */
export function groupsOf(population: Population, types: ReadonlySet<NsType>): Group[] {
  const { snapshot, placed, containers, initial } = population
  const sets = nsSetsOf(snapshot)
  const asked = NS_TYPE_NAMES.filter((type) => types.has(type))
  const boot = new Set(initial)
  const isInitial = (inum: number): boolean => boot.has(inum)
  const bases = new Map<Container | null, PlacedProcess[]>()
  for (const process of placed) {
    if (process.state === 'Z' || process.state === 'X') continue
    const base = baseOf(containers[process.pid] ?? null)
    const list = bases.get(base)
    if (list) list.push(process)
    else bases.set(base, [process])
  }
  return [...bases].flatMap(([container, processes]) => {
    const setOf = (process: PlacedProcess): NsSet => only(sets.get(process.pid) ?? {}, asked)
    const top = topmost(processes) ?? (processes[0] as PlacedProcess)
    const mainKey = container ? keyOf(setOf(top), asked) : null
    const isMain = (set: NsSet): boolean =>
      container ? keyOf(set, asked) === mainKey : asked.every((type) => isInitial(set[type] ?? 0))
    const groups = new Map<string, { set: NsSet; unit: Container | null; all: PlacedProcess[] }>()
    for (const process of processes) {
      const set = setOf(process)
      const own = containers[process.pid] ?? null
      const unit = own?.kind === 'unit' && !isMain(set) ? own : null
      const key = `${keyOf(set, asked)} ${unit?.name ?? ''}`
      const group = groups.get(key)
      if (group) group.all.push(process)
      else groups.set(key, { set, unit, all: [process] })
    }
    return [...groups.values()].map(({ set, unit, all }) => ({
      ...{ set, container, unit, processes: all, main: isMain(set) },
      leader: topmost(all) ?? (all[0] as PlacedProcess),
    }))
  })
}

function baseOf(container: Container | null): Container | null {
  let at = container
  while (at?.kind === 'unit') at = at.outer
  return at
}

function only(set: NsSet, types: readonly NsType[]): NsSet {
  return Object.fromEntries(types.flatMap((type) => (type in set ? [[type, set[type]]] : [])))
}

function keyOf(set: NsSet, types: readonly NsType[]): string {
  return types.map((type) => set[type] ?? '?').join(' ')
}
