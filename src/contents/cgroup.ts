import { type CgroupMembership, parseCgroupMemberships } from '../kernel/cgroup-membership.ts'
import { bytesOf, latin1Of } from './answers.ts'
import { comparable, compareFields } from './compare.ts'
import type { Answers, Contents, ContentsType, Difference } from './contents.ts'

export interface CgroupContents extends Contents {
  readonly type: 'cgroup'
  /** Of cgroup2, else of the first hierarchy: the root that the namespace shows. */
  readonly root: string | null
  /** One row for each hierarchy in which the process is, through which it was read. */
  readonly cgroups: readonly Cgroup[]
  /** Whether that process's cgroup is frozen; null: unknown. */
  readonly frozen: boolean | null
}

export interface Cgroup {
  /** 0: cgroup2. */
  readonly hierarchy: number
  readonly controllers: readonly string[]
  /** The process's, from the root that the reader's cgroup namespace shows. */
  readonly path: string
  /** The same from the namespace's own root; null: unknown. */
  readonly inside: string | null
  /** The namespace's root, as `path` tells it; null: unknown. */
  readonly root: string | null
}

export const cgroupContents: ContentsType<CgroupContents> = {
  type: 'cgroup',
  needs: {
    outside: { from: 'process', file: 'cgroup' },
    inside: { from: 'insideProcess', file: 'cgroup' },
    events: { from: 'cgroup', controller: '', file: 'cgroup.events' },
    state: { from: 'cgroup', controller: 'freezer', file: 'freezer.state' },
  },
  parse: parseCgroup,
  summarise({ cgroups, frozen, unknown }) {
    const [main] = byImportance(cgroups)
    if (!main || unknown.includes('cgroups')) return ''
    const place = main.root === null ? main.path : `root ${main.root}`
    return frozen ? `${place}, frozen` : place
  },
  compare: compareCgroups,
}

function parseCgroup(answers: Answers): CgroupContents {
  const [outside, inside] = [memberships(answers, 'outside'), memberships(answers, 'inside')]
  const paths = new Map((inside ?? []).map((row) => [keyOf(row), row.path]))
  const cgroups = (outside ?? []).map((row) => {
    const path = paths.get(keyOf(row)) ?? null
    return { ...row, inside: path, root: path === null ? null : rootOf(row.path, path) }
  })
  const [main] = byImportance(cgroups)
  const frozen = frozenOf(answers)
  return {
    type: 'cgroup',
    root: main?.root ?? null,
    cgroups,
    frozen,
    unknown: [
      ...(main && main.root !== null ? [] : ['root']),
      ...(outside ? [] : ['cgroups']),
      ...(outside && !inside ? ['cgroups.inside'] : []),
      ...(outside && cgroups.some(({ root }) => root === null) ? ['cgroups.root'] : []),
      ...(frozen === null ? ['frozen'] : []),
    ],
  }
}

function memberships(answers: Answers, name: string): CgroupMembership[] | null {
  const bytes = bytesOf(answers, name)
  return bytes && parseCgroupMemberships(bytes)
}

/** Numbers of hierarchies of version 1 are the same for everybody, until one is mounted anew. */
function keyOf({ controllers }: Pick<CgroupMembership, 'controllers'>): string {
  return controllers.length === 0 ? 'cgroup2' : controllers.join(',')
}

function byImportance(cgroups: readonly Cgroup[]): Cgroup[] {
  const rank = ({ controllers }: Cgroup) => (controllers.length === 0 ? 0 : 1)
  return [...cgroups].sort((a, b) => rank(a) - rank(b))
}

/**
 * What the path outside has before that inside. A process that is above or beside of the root (`/../…`) does
 * not tell it.
 */
function rootOf(outside: string, inside: string): string | null {
  if (inside === '/') return outside
  if (inside.startsWith('/..') || !outside.endsWith(inside)) return null
  return outside.slice(0, -inside.length) || '/'
}

/** `ENOENT`: the root of a hierarchy has no such file, because it cannot be frozen (cgroups(7)). */
function frozenOf(answers: Answers): boolean | null {
  const state = latin1Of(answers, 'state')
  const events = latin1Of(answers, 'events')
  const readings = [
    state === null ? absent(answers, 'state') : !state.startsWith('THAWED'),
    events === null ? absent(answers, 'events') : /^frozen 1$/m.test(events),
  ]
  if (readings.includes(true)) return true
  return readings.includes(false) && !readings.includes(null) ? false : null
}

/** Undefined: this machine has no such hierarchy. */
function absent(answers: Answers, name: string): false | null | undefined {
  const answer = answers[name]
  if (answer === 'ENOENT') return false
  return answer === null ? undefined : null
}

/**
 * The root of the namespace in each hierarchy and the process's place below it; where a root is not known, the
 * place as the reader sees it. A place below that only follows from another root is no difference of its own.
 * Hierarchies that differ in the same way are one difference.
 */
function compareCgroups(a: CgroupContents, b: CgroupContents): Difference[] {
  const known = comparable(a, b)
  if (!known('cgroups')) return []
  const [inA, inB] = [new Map(byKey(a)), new Map(byKey(b))]
  const keys = [...new Set([...inA.keys(), ...inB.keys()])].sort()
  const merged = new Map<string, { keys: string[]; field: string; a: unknown; b: unknown }>()
  for (const key of keys) {
    const [x, y] = [inA.get(key), inB.get(key)]
    for (const field of differing(x, y, known('cgroups.root'))) {
      const entry = { keys: [], field, a: x?.[field] ?? null, b: y?.[field] ?? null }
      const id = JSON.stringify(entry)
      const { keys } = merged.get(id) ?? entry
      merged.set(id, { ...entry, keys: [...keys, key] })
    }
  }
  const cgroups = [...merged.values()].map((entry) => ({
    path: ['cgroups', entry.keys.join(' '), entry.field],
    ...{ a: entry.a, b: entry.b },
  }))
  return [...cgroups, ...compareFields({ known }, [a, b], ['frozen'])]
}

type Place = 'root' | 'inside' | 'path'

function differing(x: Cgroup | undefined, y: Cgroup | undefined, rootsKnown: boolean): Place[] {
  const differs = (field: Place) => (x?.[field] ?? null) !== (y?.[field] ?? null)
  if (!rootsKnown) return differs('path') ? ['path'] : []
  const moved = differs('inside') && (!differs('root') || differs('path'))
  return [...(differs('root') ? (['root'] as const) : []), ...(moved ? (['inside'] as const) : [])]
}

function byKey({ cgroups }: CgroupContents): [string, Cgroup][] {
  return cgroups.map((row) => [keyOf(row), row])
}
