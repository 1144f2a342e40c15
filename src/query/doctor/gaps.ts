import { describeErrno, isDenied } from '../../kernel/errno.ts'
import { isNsType, nsTypeRow } from '../../kernel/namespace-types.ts'
import { remedyFor } from '../../model/remedy.ts'
import type { Gap, SourceState } from '../../model/snapshot.ts'
import { NEWER, sourceWords } from '../why/unread.ts'
import { countOf } from '../why/words.ts'
import type { Observation } from './finding.ts'
import type { Scene } from './scene.ts'

/** What could not be looked at: who looks with more rights may find more. */
export function checkGaps({ snapshot, subject, who }: Scene): Observation[] {
  const { coverage, host } = snapshot
  const rights = remedyFor({ uid: host.uid, userNs: host.userNs?.inum ?? null })
  const gap = { code: 'gap', severity: 'note', type: null } as const
  const observations: Observation[] = []
  for (const { source, errno, count, pids } of coverage.gaps) {
    if (isImplied({ source, errno, count }, coverage.gaps)) continue
    const remedy = isDenied(errno) ? rights : LOOK_AGAIN
    const what = source === 'processes' ? '' : `${sourceWords(source)} of `
    const text =
      pids.length === 0
        ? `some ${sourceWords(source)} could not be read: ${describeErrno(errno)}`
        : `${what}${countOf(count, ['process', 'processes'])} could not be read: ${describeErrno(errno)}`
    for (const pid of pids.length === 0 ? [null] : pids) {
      observations.push({
        ...{ ...gap, group: `${source} ${errno}`, say: () => ({ text, remedy }) },
        subject: subject({ pid, ...(pid === null ? {} : { detail: who(pid) }) }),
      })
    }
  }
  for (const { name, state } of coverage.sources) {
    // A gap, or hidepid, says better why it is partial.
    const told = coverage.hidepid || coverage.gaps.some(({ source }) => source === name)
    const text = NEWER.has(name) ? undefined : UNASKED[state]
    if (text === undefined || (state === 'partial' && told)) continue
    observations.push({
      ...{ ...gap, group: name, subject: subject({}) },
      say: () => ({
        text: `${sourceWords(name)} ${text}`,
        remedy: host.uid === 0 ? NEWER_KERNEL : rights,
      }),
    })
  }
  if (coverage.hidepid) {
    const text = 'processes of others are hidden by the mount option hidepid of /proc'
    observations.push({
      ...{ ...gap, group: 'hidepid', say: () => ({ text, remedy: rights }), subject: subject({}) },
    })
  }
  return observations
}

/** What is said of a source in this state; of the others there is nothing to be said. */
const UNASKED: Readonly<Partial<Record<SourceState, string>>> = {
  unavailable: 'could not be looked for',
  partial: 'could not all be told',
}
const NEWER_KERNEL = 'a newer kernel, or nsx with its addon on the machine itself, could tell more'
const LOOK_AGAIN =
  'no right would help: something else is in the way, or it was about to go; look again'

/** Of whoever may not be read, nothing else may be read either: that goes without saying. */
function isImplied(
  { source, errno, count }: Pick<Gap, 'source' | 'errno' | 'count'>,
  gaps: readonly Gap[],
): boolean {
  if (source === 'processes') return false
  return gaps.some((gap) => gap.source === 'processes' && gap.errno === errno && gap.count >= count)
}

/** Namespaces of which nothing but their existence could be told. */
export function checkHidden({ snapshot, subject }: Scene): Observation[] {
  return Object.entries(snapshot.coverage.unidentified).flatMap(([type, count]) => {
    if (!isNsType(type)) return []
    const { title } = nsTypeRow(type)
    const spaces = countOf(count, [`${title} namespace exists`, `${title} namespaces exist`])
    const said = {
      text: `at least ${spaces} of which nothing else could be told`,
      remedy: remedyFor({ uid: snapshot.host.uid, userNs: snapshot.host.userNs?.inum ?? null }),
    }
    return [
      {
        ...{ code: 'hidden-namespaces', severity: 'note', group: type, type },
        ...{ subject: subject({}), say: () => said },
      },
    ]
  })
}
