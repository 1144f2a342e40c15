import type { Answer, Contents } from '../contents/contents.ts'
import { type AnyContents, contentsType } from '../contents/contents-types.ts'
import type { Host, NsHandle } from '../host/port.ts'
import { throwIfOurs } from '../host/system-error.ts'
import { isGone } from '../kernel/errno.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { Gap } from '../model/snapshot.ts'
import { answerer, type Reading } from './contents-answers.ts'
import { findGuide, type Guide, isStillGuide } from './contents-guides.ts'
import { resolvePeers } from './contents-peers.ts'
import { processNamespaces } from './context.ts'
import { addGap, type Draft, newDraft } from './draft.ts'
import { withOwners } from './socket-owners.ts'

/** A namespace whose contents are asked for. */
export interface ContentsPlace {
  readonly type: NsType
  readonly inum: number
  /** Its processes, whom it is read through: the first that can be, so the one that is meant comes first. */
  readonly pids: readonly number[]
  /** Where it can be opened; null: nowhere. */
  readonly handle: NsHandle | null
}

export interface ContentsOptions {
  /** Look through the descriptors of `pids` for who listens. */
  readonly owners?: boolean
  /** Network namespaces in which the other ends of interfaces may be. */
  readonly peers?: readonly { readonly inum: number; readonly handle: NsHandle }[]
}

export interface CollectedContents {
  /** One for each place, by inode. */
  readonly contents: ReadonlyMap<number, AnyContents>
  /** Of the source `contents`. */
  readonly gaps: readonly Gap[]
}

/**
 * Reads what is inside of namespaces: what contents/ asks for, and nothing else. Each is entered once, and all
 * files below foreign roots are read in one go.
 *
 * A process that ended or went elsewhere meanwhile has told of something else: then all is read once more,
 * through the next one, and in the end through none.
 *
 * @throws NsxError when our own resources run out; whatever else fails is `unknown`, and a gap.
 */
export async function collectContents(
  host: Host,
  places: readonly ContentsPlace[],
  options: ContentsOptions = {},
): Promise<CollectedContents> {
  const draft = newDraft()
  const answer = answerer(host, ownNamespaces(host))
  const found = new Map<number, AnyContents>()
  let open: readonly Pick<Reading, 'place' | 'left'>[] = places.map((place) => ({
    ...{ place, left: place.pids.slice(0, MOST_GUIDES) },
  }))
  while (open.length > 0) {
    const readings = open.map(({ place, left }) => begin(host, place, left))
    await answer(readings)
    const steady = new Set(readings.filter((reading) => isStillGuide(host, reading)))
    for (const reading of steady) found.set(reading.place.inum, finish(draft, reading))
    open = readings.filter((reading) => !steady.has(reading))
  }
  if (options.owners) withOwners({ host, draft }, places, found)
  if (options.peers) resolvePeers({ host, draft }, { places, candidates: options.peers }, found)
  return { contents: found, gaps: [...draft.gaps.values()] }
}

/** So many processes of one namespace do not end one after the other while it is read. */
const MOST_GUIDES = 5

function ownNamespaces(host: Host): ReadonlyMap<NsType, number> {
  return host.readerPid === null ? new Map() : processNamespaces(host, host.readerPid).inums
}

function begin(host: Host, place: ContentsPlace, pids: readonly number[]): Reading {
  const { guide, left, errno } = findGuide(host, place, pids)
  return {
    ...{ place: { ...place, handle: handleFor(place, guide) }, guide, left },
    needs: contentsType(place.type).needs,
    // Null: it has no processes.
    instead: place.pids.length === 0 ? null : errno,
    answers: new Map<string, Answer>(),
  }
}

/** Whose link it was that names the namespace may have ended: then it is the guide's. */
function handleFor({ handle }: ContentsPlace, guide: Guide | null): NsHandle | null {
  return guide && handle?.kind === 'link' ? { ...handle, pid: guide.pid } : handle
}

function finish(draft: Draft, { place, guide, answers }: Reading): AnyContents {
  const contents: Contents = contentsType(place.type).parse(Object.fromEntries(answers))
  for (const errno of new Set(answers.values())) {
    if (typeof errno !== 'string') continue
    throwIfOurs(errno, `what is inside of ${place.type} namespaces`)
    // What another way has told is not missing.
    if (contents.unknown.length === 0 || isGone(errno)) continue
    addGap(draft, 'contents', guide ? { errno, pid: guide.pid } : { errno })
  }
  return contents as AnyContents
}
