import { nsTypeRow } from '../../kernel/namespace-types.ts'
import { directDependents } from '../../model/dependents.ts'
import type { HolderKind, Namespace } from '../../model/snapshot.ts'
import { countOf, shellWord } from '../why/words.ts'
import type { FindingCode, FindingSubject, Observation, Severity } from './finding.ts'
import { type HeldBy, heldAlone } from './held-alone.ts'
import type { Scene } from './scene.ts'

/** Namespaces without any process, by what is left of them; a dead PID namespace is told elsewhere. */
export function checkMemberless(scene: Scene): Observation[] {
  return scene.made.flatMap((ns): Observation[] => {
    if (ns.members.length > 0) return []
    if (ns.type === 'pid' && !scene.checkup.unborn.includes(ns.inum)) return []
    // A thread in it is told as a stray one, or is all that is left of its process.
    if (ns.holders.some(({ kind }) => kind === 'thread')) return []
    const held = heldAlone(ns, scene)
    const { code, severity, told } = CASES.find(({ fits }) => fits(ns)) as Case
    const remedy = (subjects: readonly FindingSubject[]) => remedyOf(code, subjects)
    return [
      {
        ...{ code, severity, type: ns.type, subject: held.subject },
        group: `${ns.type} ${held.group}`,
        say: (subjects) => ({ text: told(ns, held, subjects.length), remedy: remedy(subjects) }),
      },
    ]
  })
}

interface Case {
  readonly code: FindingCode
  readonly severity: Severity
  readonly fits: (ns: Namespace) => boolean
  readonly told: (ns: Namespace, held: HeldBy, count: number) => string
}

/** Where iproute2 and others keep names of network namespaces (ip-netns(8)). */
const NAMES = /^\/(?:var\/)?run\/(?:docker\/)?netns\/[^/]+$/

const onlyKinds = ({ holders }: Namespace, ...kinds: readonly HolderKind[]): boolean =>
  holders.length > 0 && holders.every(({ kind }) => kinds.includes(kind))

/** The first that fits. */
const CASES: readonly Case[] = [
  {
    code: 'no-visible-holder',
    severity: 'note',
    fits: ({ holders }) => holders.length === 0,
    told: (ns, _, count) =>
      `${spaces(ns, count)} of which nothing that holds ${itOrThem(count)} could be seen: a descriptor in flight, or the kernel itself`,
  },
  {
    code: 'children-only',
    severity: 'note',
    fits: (ns) => onlyKinds(ns, 'forChildren'),
    told: (ns, { words }, count) =>
      `${spaces(ns, count)} that nothing is in yet: only ${words ?? 'children'} would be`,
  },
  {
    code: 'unused-name',
    severity: 'note',
    fits: ({ type, holders }) =>
      type === 'net' &&
      holders.length > 0 &&
      holders.every(({ kind, path }) => kind === 'mount' && NAMES.test(path ?? '')),
    told: (_, __, count) =>
      `${countOf(count, ['named network namespace', 'named network namespaces'])} that no process uses`,
  },
  {
    code: 'mounted-mount-namespace',
    severity: 'warning',
    fits: (ns) => ns.type === 'mnt' && onlyKinds(ns, 'mount'),
    told: (_, __, count) =>
      `${countOf(count, ['mount namespace', 'mount namespaces'])} held only by bind mounts: all that is mounted in ${itOrThem(count)} stays busy`,
  },
  {
    code: 'empty-user-namespace',
    severity: 'note',
    fits: (ns) => ns.type === 'user' && directDependents(ns).length > 0,
    told: (ns, { words }, count) =>
      `${spaces(ns, count)} without processes, kept by ${words ?? 'what is below'}`,
  },
  {
    code: 'no-processes',
    severity: 'warning',
    fits: () => true,
    told: (ns, { words }, count) =>
      `${spaces(ns, count)} without processes${seen(ns)}, kept by ${words ?? 'nothing that could be seen'}`,
  },
]

function spaces({ type }: Namespace, count: number): string {
  const { title } = nsTypeRow(type)
  return countOf(count, [`${title} namespace`, `${title} namespaces`])
}

function itOrThem(count: number): string {
  return count === 1 ? 'it' : 'them'
}

/** Who could not be read may be in it. */
function seen({ atLeast }: Namespace): string {
  return atLeast.includes('process') ? ' that could be seen' : ''
}

function remedyOf(code: FindingCode, subjects: readonly FindingSubject[]): string {
  const [first] = subjects
  const ns = first?.namespace
  const why = ns ? `nsx why ${ns.type}:[${ns.inum}]` : 'nsx why'
  const one = subjects.length === 1
  if (code === 'no-visible-holder') return `nothing is to be done that could be told (${why})`
  if (code === 'unused-name') {
    const name = first?.path?.split('/').at(-1)
    return one && first?.path?.startsWith('/run/netns/')
      ? `if nobody needs it: ip netns delete ${shellWord(name ?? '')}`
      : `if nobody needs them: ip netns delete NAME, or umount each (${why})`
  }
  return `if ${one ? 'it is' : 'they are'} not wanted: ${why} tells what would let go of ${one ? 'it' : 'each'}`
}
