import { describeErrno, isDenied } from '../kernel/errno.ts'
import { isInitialInum } from '../kernel/namespace-types.ts'
import { remedyFor } from '../model/remedy.ts'
import type { Gap, Snapshot } from '../model/snapshot.ts'
import type { Marks } from '../query/held-by.ts'

/** What the source finds, where its name is ours alone. */
const PLAIN: Readonly<Record<string, string>> = {
  relatives: 'ids, owners and parents',
  nsids: 'NETNSIDs',
  mounts: 'bind mounts',
  mountNamespaces: 'mount namespaces',
  forChildren: 'namespaces of children to come',
  devices: 'tun devices',
  netFiles: 'files of /proc/PID/net',
  peers: 'network peers',
  listns: 'what only the kernel knows of (listns, Linux 6.19)',
}

/** What was not done with all of them, where no errno says why. */
const PARTLY: Readonly<Record<string, string>> = {
  containers: 'named',
  threads: 'looked at',
  processes: 'read in whole',
  mountNamespaces: 'looked through',
  peers: 'found',
  netFiles: 'placed',
}

/**
 * What a listing could not see, in one line for standard error; null where nothing is missing.
 * It names the number of processes, the reason and what would help.
 */
export function coverageNote(
  { coverage, host }: Pick<Snapshot, 'coverage' | 'host'>,
  marks: Marks,
): string | null {
  const parts: string[] = []
  for (const gap of coverage.gaps) if (!isImplied(gap, coverage.gaps)) parts.push(describeGap(gap))
  for (const { name, state } of coverage.sources) {
    if (state === 'unavailable') parts.push(`${PLAIN[name] ?? name} could not be asked`)
    else if (
      state === 'partial' &&
      !coverage.hidepid &&
      !coverage.gaps.some(({ source }) => source === name)
    ) {
      parts.push(`some ${PLAIN[name] ?? name} could not be ${PARTLY[name] ?? 'told apart'}`)
    }
  }
  const hidden = Object.entries(coverage.unidentified)
  if (hidden.length > 0) {
    const counts = hidden.map(([type, count]) => `${count} ${type}`).join(', ')
    parts.push(
      `at least ${counts} more exist${hidden.length === 1 && hidden[0]?.[1] === 1 ? 's' : ''}`,
    )
  }
  if (coverage.hidepid) parts.push('processes of others are hidden (mount option hidepid)')
  const legend = [
    ...(marks.atLeast ? ['7+ is at least 7'] : []),
    ...(marks.inferred ? ['7~ is inferred'] : []),
  ]
  if (marks.atLeast && !isInitialInum(host.pidNs?.inum ?? 0)) {
    parts.push('processes outside of our PID namespace are out of sight')
  }
  if (legend.length > 0) parts.push(legend.join(', '))
  if (parts.length === 0) return null
  const denied = coverage.hidepid || coverage.gaps.some(({ errno }) => isDenied(errno))
  return [
    ...parts,
    ...(denied ? [remedyFor({ uid: host.uid, userNs: host.userNs?.inum ?? null })] : []),
  ].join('; ')
}

const OF_A_PROCESS: ReadonlySet<string> = new Set(['descriptors', 'threads', 'forChildren'])

/** Whoever may not read a process may not read its descriptors and threads either: that goes without saying. */
function isImplied(gap: Gap, gaps: readonly Gap[]): boolean {
  return (
    OF_A_PROCESS.has(gap.source) &&
    gaps.some(
      ({ source, errno, count }) =>
        source === 'processes' && errno === gap.errno && count >= gap.count,
    )
  )
}

function describeGap({ source, errno, count, pids }: Gap): string {
  const why = describeErrno(errno)
  if (pids.length === 0) return `${source}: ${count} unreadable, ${why}`
  const few = count <= 3 && count === pids.length
  const noun = count === 1 ? 'process' : 'processes'
  const which = few ? `${noun} ${pids.join(', ')}` : `${count} ${noun}`
  return `${source === 'processes' ? '' : `${source} of `}${which} could not be read: ${why}`
}

/** Rows on which a filter failed, in one line for standard error. */
export function failedNote(failed: number): string {
  const rows = failed === 1 ? '1 row' : `${failed} rows`
  return `the filter failed on ${rows} (a field of null, say): not matched`
}
