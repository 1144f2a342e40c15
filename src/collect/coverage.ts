import { NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import type { Coverage, Gap, SourceState } from '../model/snapshot.ts'
import { type Draft, gapKey } from './draft.ts'
import { SOURCES, type SourceName } from './request.ts'

/** What was asked, what of it was read, and what was missing. */
export function coverageOf(draft: Draft, hidepid: boolean): Coverage {
  const gaps = [...draft.gaps.values()]
  const sources = SOURCES.map((name) => {
    const state = draft.sources.get(name) ?? 'notAsked'
    const partial = state === 'read' && gaps.some((gap) => gap.source === name)
    return { name, state: partial ? ('partial' as const) : state }
  })
  // A gap can be of the host or of a task that was named, which are no sources to be asked.
  const complete =
    gaps.length === 0 && sources.every(({ state }) => state === 'read' || state === 'notAsked')
  return { complete, sources, gaps, hidepid, unidentified: draft.unidentified }
}

const THROUGH_PROCESSES: readonly SourceName[] = [
  'processes',
  'threads',
  'forChildren',
  'descriptors',
  'sockets',
  'devices',
  'netFiles',
]

/** Nobody knows how many are hidden; whatever goes through the processes has missed them. */
export function bookHidden({ sources, untold }: Draft): void {
  for (const name of THROUGH_PROCESSES) {
    if (sources.has(name)) sources.set(name, 'partial')
  }
  for (const type of NS_TYPE_NAMES) untold.set(type, (untold.get(type) ?? 0) + 1)
}

const ORDER: readonly SourceState[] = ['unavailable', 'partial', 'read', 'notAsked']

/** Of two readings of one machine; of a source in both, the poorer answer; of a gap in both, one. */
export function joinCoverage(a: Coverage, b: Coverage): Coverage {
  return {
    ...a,
    complete: a.complete && b.complete,
    sources: a.sources.map(({ name, state }, i) => {
      const other = b.sources[i]?.state ?? 'notAsked'
      return { name, state: ORDER.indexOf(other) < ORDER.indexOf(state) ? other : state }
    }),
    gaps: joinGaps(a.gaps, b.gaps),
    hidepid: a.hidepid || b.hidepid,
  }
}

/** What both have met, as the reader's own namespaces, is counted once. */
function joinGaps(a: readonly Gap[], b: readonly Gap[]): Gap[] {
  const gaps = new Map(a.map((gap) => [gapKey(gap.source, gap.errno), gap]))
  for (const gap of b) {
    const key = gapKey(gap.source, gap.errno)
    const known = gaps.get(key)
    if (!known || known.count < gap.count) gaps.set(key, gap)
  }
  return [...gaps.values()]
}
