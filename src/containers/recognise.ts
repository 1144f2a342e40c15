import type { CgroupLine } from '../kernel/proc-cgroup.ts'
import type { Evidence } from '../model/container.ts'
import { makerOfPath, userOfPath } from './evidence.ts'
import { FAMILIES } from './families.ts'
import type { Family, Match, ProcessEvidence } from './family.ts'

/** A container that the evidence tells of, before its files are read. */
export interface Recognised {
  readonly family: Family
  readonly match: Match
  /** The directory that is its own; null: it was not told by a cgroup. */
  readonly cgroup: CgroupLine | null
  readonly evidence: readonly Evidence[]
  /** Whoever could have made it up; only files of theirs can tell more of it. Null: not known. */
  readonly maker: number | null
  readonly outer: Recognised | null
}

type Found = Omit<Recognised, 'outer' | 'maker'>

/**
 * What a process is contained in, the innermost first; null: nothing that any family knows.
 *
 * The cgroup is read from the leaf backwards, and what is left of its path is the outer container.
 * Relatives tell of sandboxes that have no cgroup, and their place in the lineage tells what they are in.
 */
export function recognise(evidence: ProcessEvidence): Recognised | null {
  const chain = absorbed(merged(byCgroups(evidence), byProcesses(evidence)))
  const found = chain.some(({ family }) => family.family !== 'unit')
    ? chain
    : [...byMounts(evidence), ...chain]
  return found.reduceRight<Recognised | null>(
    (outer, inner) => ({ ...inner, maker: makerOf(inner, evidence), outer }),
    null,
  )
}

/** Of all hierarchies the one that tells most: in the others the process may have stayed at the root. */
function byCgroups(evidence: ProcessEvidence): Found[] {
  const seen = new Set<string>()
  let best: Found[] = []
  for (const line of evidence.cgroups) {
    const path = line.path.join('/')
    if (seen.has(path)) continue
    seen.add(path)
    const chain = chainOf(line, evidence)
    if (isMore(chain, best)) best = chain
  }
  return best
}

function isMore(a: readonly Found[], b: readonly Found[]): boolean {
  const count = (chain: readonly Found[], holds: (found: Found) => boolean) =>
    chain.filter(holds).length
  const solid = ({ family, match }: Found) => family.family !== 'unit' && !match.doubtful
  return (
    count(a, solid) - count(b, solid) > 0 ||
    (count(a, solid) === count(b, solid) && a.length > b.length)
  )
}

/** From the leaf to the root; a directory that no family knows belongs to the container above it. */
function chainOf({ controllers, path }: CgroupLine, evidence: ProcessEvidence): Found[] {
  const chain: Found[] = []
  let depth = path.length
  while (depth > 0) {
    const own = path.slice(0, depth)
    const found = inCgroup(own, path.slice(depth), evidence)
    for (const one of found) chain.push({ ...one, cgroup: { controllers, path: own } })
    // Families say how much is theirs; whatever they say, there is an end.
    depth = Math.min(found.at(-1)?.match.rest ?? depth, depth - 1)
  }
  return chain
}

/** One that is sure, after those that its files may yet tell to be something else. */
function inCgroup(
  path: readonly string[],
  below: readonly string[],
  evidence: ProcessEvidence,
): Omit<Found, 'cgroup'>[] {
  const found: Omit<Found, 'cgroup'>[] = []
  const cgroup = { kind: 'cgroup', where: `/${path.join('/')}`, uid: makerOfPath(path) } as const
  for (const family of FAMILIES) {
    const match = family.inCgroup?.({ path, below, evidence })
    if (!match) continue
    found.push({ family, match, evidence: [cgroup, ...evidenceOf(match, evidence)] })
    if (!match.doubtful) break
  }
  return found
}

/** In the order of the lineage: the nearest relative watches over the innermost. */
function byProcesses(evidence: ProcessEvidence): Found[] {
  return evidence.lineage.flatMap((relative, index) => {
    for (const family of FAMILIES) {
      const match = family.byProcess?.({ index, relative, evidence })
      if (match) return { family, match, cgroup: null, evidence: evidenceOf(match, evidence) }
    }
    return []
  })
}

function byMounts(evidence: ProcessEvidence): Found[] {
  if (evidence.mounts === null) return []
  return FAMILIES.flatMap((family) => {
    const match = family.byMounts?.(evidence)
    return match ? { family, match, cgroup: null, evidence: evidenceOf(match, evidence) } : []
  }).slice(0, 1)
}

function evidenceOf({ monitor, evidence = [] }: Match, { lineage }: ProcessEvidence): Evidence[] {
  const watcher = monitor === null ? undefined : lineage[monitor]
  if (!watcher) return [...evidence]
  const where = `${watcher.comm}(${watcher.pid})`
  return [{ kind: 'process', where, uid: watcher.uid }, ...evidence]
}

/**
 * One chain of both. A container of the cgroup stands where its monitor stands in the lineage; without one,
 * outside of all that relatives tell, for a sandbox is made by whoever is in a container already.
 */
function merged(cgroups: readonly Found[], processes: readonly Found[]): Found[] {
  const places: number[] = []
  for (const { match } of cgroups.toReversed()) {
    const outer = places.at(-1) ?? Number.POSITIVE_INFINITY
    places.push(Math.min(match.monitor ?? outer, outer))
  }
  places.reverse()
  const others = processes.filter((one) => !cgroups.some((known) => isSame(known, one)))
  const chain: Found[] = []
  for (const [i, found] of cgroups.entries()) {
    while ((others[0]?.match.monitor ?? Number.POSITIVE_INFINITY) < (places[i] as number)) {
      chain.push(others.shift() as Found)
    }
    const agreeing = processes.filter((one) => isSame(found, one) && isCredible(one, found))
    chain.push(withEvidence(found, agreeing))
  }
  return [...chain, ...others]
}

/** Whoever is in a container can call themselves its monitor: that neither adds to the cgroup nor takes. */
function isCredible(one: Found, { cgroup }: Found): boolean {
  const user = cgroup && userOfPath(cgroup.path)
  return one.evidence.every(({ uid }) => uid === 0 || uid === user)
}

function isSame(a: Found, b: Found): boolean {
  if (a.match.monitor !== null && a.match.monitor === b.match.monitor) return true
  if (a.match.id !== null) return a.match.id === b.match.id
  return a.family === b.family && a.match.told.name === b.match.told.name
}

/** A sandbox that is only how the one around it is made goes into that. */
function absorbed(chain: readonly Found[]): Found[] {
  const kept: Found[] = []
  for (const found of chain) {
    const inner = kept.at(-1)
    if (inner && found.family.absorbs?.includes(inner.family.family)) {
      kept[kept.length - 1] = withEvidence(found, [inner])
    } else kept.push(found)
  }
  return kept
}

function withEvidence(found: Found, others: readonly Found[]): Found {
  const all = [found, ...others].flatMap(({ evidence }) => evidence)
  const distinct = all.filter((e, i) => all.findIndex(({ where }) => where === e.where) === i)
  return { ...found, evidence: distinct }
}

/** The monitor's user; without one, whose the cgroup is by its path, and else root. */
function makerOf({ match, cgroup }: Found, { lineage }: ProcessEvidence): number | null {
  if (match.monitor !== null) return lineage[match.monitor]?.uid ?? null
  return cgroup ? (makerOfPath(cgroup.path) ?? 0) : (lineage[0]?.uid ?? null)
}

/** Whether the owner of its cgroup must be asked, for the path does not tell who made it. */
export function wantsOwner({ cgroup }: Recognised): boolean {
  return cgroup !== null && makerOfPath(cgroup.path) === null
}

/** The same with the owner of its cgroup: what only their monitor's user could have made stays so. */
export function withOwner(recognised: Recognised, owner: number): Recognised {
  const { match, maker, evidence } = recognised
  return {
    ...recognised,
    maker: match.monitor === null ? owner : maker,
    evidence: evidence.map((e) =>
      e.kind === 'cgroup' && e.uid === null ? { ...e, uid: owner } : e,
    ),
  }
}

/** Whether a process tells of itself what it is in, so that another with the same parent may differ. */
export function tellsItself(evidence: ProcessEvidence): boolean {
  const [relative] = evidence.lineage
  if (!relative) return false
  return FAMILIES.some((family) => family.byProcess?.({ index: 0, relative, evidence }))
}
