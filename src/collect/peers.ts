import type { NsHandle } from '../host/port.ts'
import { throwIfOurs } from '../host/system-error.ts'
import type { Errno } from '../kernel/errno.ts'
import { isInitialInum } from '../kernel/namespace-types.ts'
import { NETLINK_ROUTE } from '../kernel/rtnetlink.ts'
import { nsidRequest, nsidsRequest, parseNsids } from '../kernel/rtnetlink-nsids.ts'
import type { Context } from './context.ts'
import { addGap, addUnidentified, namespaceOf } from './draft.ts'
import { newcomers } from './newcomers.ts'
import { wayIn } from './way-in.ts'

/** A known network namespace, and a way into it. */
interface Place {
  readonly inum: number
  readonly handle: NsHandle
}

/** Numbers that a namespace has given to others than those that are known. */
interface Untold {
  readonly place: Place
  readonly nsids: ReadonlySet<number>
}

/** Asked in one go; mostly the first few know all. */
const SLICE = 64
/** A tenth of a second or two; where every namespace has a number in every other, they would be too many. */
const MOST_QUESTIONS = 20_000

/**
 * Network namespaces gave each other numbers where interfaces of theirs are two ends of a pair. A living
 * number that is of none that we know, is of one that is out of sight: only that it exists can be told.
 */
export function collectPeers(context: Context): void {
  const { host, draft } = context
  if (!host.inside || !host.peerNsids) {
    draft.sources.set('peers', 'unavailable')
    return
  }
  draft.sources.set('peers', 'read')
  const places = placesOf(context)
  const budget = { left: MOST_QUESTIONS }
  const untold = places.flatMap((place): Untold[] => {
    const nsids = withoutKnown(context, { place, nsids: readNsids(context, place) }, places, budget)
    return nsids.size > 0 ? [{ place, nsids }] : []
  })
  if (untold.length > 0) bookHidden(context, untold)
}

/** Ours and that of the boot first: what nearly all others have a number for. */
function placesOf({ draft, reader }: Context): Place[] {
  const own = reader.get('net')
  const rank = (inum: number) => (inum === own || isInitialInum(inum) ? 0 : 1)
  return [...draft.namespaces.values()]
    .flatMap((ns) => {
      const handle = ns.type === 'net' ? wayIn(ns, 0, reader.get('mnt')) : null
      return handle ? [{ inum: ns.inum, handle }] : []
    })
    .sort((a, b) => rank(a.inum) - rank(b.inum) || a.inum - b.inum)
}

function readNsids(context: Context, { handle }: Place): ReadonlySet<number> {
  const answer = askInside(context, handle, nsidsRequest())
  const nsids = typeof answer === 'string' ? null : parseNsids(answer)
  if (nsids) return new Set(nsids)
  const errno = typeof answer === 'string' ? answer : 'EBADMSG'
  // It has ended, or whoever led to it has.
  if (errno !== 'ESTALE') addGap(context.draft, 'peers', { errno })
  return new Set()
}

function askInside({ host }: Context, handle: NsHandle, request: Uint8Array): Uint8Array | Errno {
  const answers = host.inside?.(handle, [{ ask: 'netlink', protocol: NETLINK_ROUTE, request }])
  const answer = answers?.[0] ?? 'ENOSYS'
  if (typeof answer === 'string') throwIfOurs(answer, 'peers')
  return answer
}

/** Asks until every number is some namespace's. */
function withoutKnown(
  context: Context,
  { place, nsids }: Untold,
  known: readonly Place[],
  budget: { left: number },
): ReadonlySet<number> {
  const left = new Set(nsids)
  for (let at = 0; at < known.length && left.size > 0; at += SLICE) {
    const asked = known.slice(at, at + SLICE)
    budget.left -= asked.length
    if (budget.left < 0) {
      context.draft.sources.set('peers', 'partial')
      return new Set()
    }
    for (const [nsid] of numbersOf(context, place, asked)) left.delete(nsid)
  }
  return left
}

/** Which number a namespace has given to each of these, where it has. */
function numbersOf(
  { host, draft }: Context,
  { handle }: Place,
  asked: readonly Place[],
): [nsid: number, place: Place][] {
  const answer = host.peerNsids?.(
    handle,
    asked.map((each) => each.handle),
  )
  if (!answer) return []
  if (typeof answer === 'string') {
    if (answer !== 'ESTALE') addGap(draft, 'peers', { errno: answer })
    return []
  }
  return asked.flatMap((place, i): [number, Place][] => {
    const nsid = answer.nsids[i] ?? -1
    return nsid >= 0 ? [[nsid, place]] : []
  })
}

/** Processes go on while we look: a number may be of a namespace that is new, or of one that has ended. */
function bookHidden(context: Context, untold: readonly Untold[]): void {
  const { draft } = context
  const fresh = newcomers(context, 'net')
  const pids = new Map(fresh.map(({ inum, pid }) => [inum, pid]))
  const asked = fresh.map((handle) => ({ inum: handle.inum, handle }))
  let most = 0
  for (const { place, nsids } of untold) {
    const left = new Set(nsids)
    for (const [nsid, { inum }] of numbersOf(context, place, asked)) {
      left.delete(nsid)
      const ns = namespaceOf(draft, 'net', inum)
      if (ns.members.length === 0) ns.members.push(pids.get(inum) as number)
    }
    const alive = [...left].filter((nsid) => isAlive(context, place, nsid))
    most = Math.max(most, alive.length)
  }
  // Two of them may have a number for the same.
  addUnidentified(draft, 'net', most)
  if (most > 0) draft.sources.set('peers', 'partial')
}

function isAlive(context: Context, { handle }: Place, nsid: number): boolean {
  const answer = askInside(context, handle, nsidRequest(nsid))
  return typeof answer !== 'string' && (parseNsids(answer)?.includes(nsid) ?? false)
}
