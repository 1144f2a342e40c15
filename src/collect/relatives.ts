import { errnoName } from '../host/errno-name.ts'
import type { Host, NsHandle } from '../host/port.ts'
import { type Errno, isDenied, isGone } from '../kernel/errno.ts'
import { nsTypeRow } from '../kernel/namespace-types.ts'
import type { NamespaceField } from '../model/snapshot.ts'
import { type Context, hasEnded } from './context.ts'
import { addGap, addUnknown, type DraftNamespace } from './draft.ts'
import { addFacts } from './facts.ts'
import { wayIn } from './way-in.ts'

/**
 * Asks nsfs, once for each namespace, for its id, owner, parent and what else it knows, and adds
 * the ancestors and owners that nothing else has shown.
 *
 * Processes end while we look, so every way into a namespace is tried until one works. A namespace
 * to which none leads any more has ended meanwhile, and is dropped; one that may not be opened stays,
 * and so does one with a mount.
 */
export function collectRelatives(context: Context): void {
  const { host, draft, request } = context
  const relatives = request.sources.has('relatives')
  let open: Attempt[] = []
  for (const ns of draft.namespaces.values()) {
    if (!ns.described && (relatives || ns.type === 'net')) {
      open.push({ ns, next: 0, refused: false })
    }
  }
  const asked = (['relatives', 'nsids'] as const).filter((name) => request.sources.has(name))
  for (const name of asked) draft.sources.set(name, host.describe ? 'read' : 'unavailable')
  if (!host.describe) {
    for (const { ns } of open) markUnknown(context, ns)
    return
  }
  while (open.length > 0) open = describeRound(context, host.describe, open)
}

interface Attempt {
  readonly ns: DraftNamespace
  /** The way to be tried next. */
  next: number
  /** One of the ways failed for another reason than that it is gone. */
  refused: boolean
}

/** @returns those for which another way is to be tried. */
function describeRound(
  context: Context,
  describe: NonNullable<Host['describe']>,
  open: readonly Attempt[],
): Attempt[] {
  const asked: Attempt[] = []
  const handles: NsHandle[] = []
  for (const attempt of open) {
    const { ns } = attempt
    const handle = wayIn(ns, attempt.next++, context.reader.get('mnt'))
    if (handle) {
      asked.push(attempt)
      handles.push(handle)
    } else if (attempt.refused || isMounted(ns)) markUnknown(context, ns)
    else context.draft.namespaces.delete(ns.inum)
  }
  if (handles.length === 0) return []
  const answer = describe(handles, { nsid: context.request.sources.has('nsids') })
  addFacts(context, answer.facts)
  return asked.filter((attempt, i) => {
    if (attempt.ns.described) return false
    const errno = errnoName(answer.errnos[i] as number)
    noteFailure(context, attempt, { handle: handles[i], errno })
    return true
  })
}

/** Somewhere, if not where we could reach it. */
function isMounted({ holders }: DraftNamespace): boolean {
  return holders.some(({ kind }) => kind === 'mount')
}

function noteFailure(
  { host, draft }: Context,
  attempt: Attempt,
  { handle, errno }: { handle: NsHandle | undefined; errno: Errno },
): void {
  const ended = handle?.kind === 'link' && isDenied(errno) && hasEnded(host, handle.pid)
  // ESTALE: what is there now is another namespace.
  const gone = ended || errno === 'ESTALE' || isGone(errno)
  // A mount keeps its namespace alive also where another one stands over it, or where its path is not
  // UTF-8 and so cannot be named.
  if (gone && handle?.kind !== 'mount') return
  attempt.refused = true
  addGap(draft, 'relatives', { errno: gone ? 'ESTALE' : errno })
}

function markUnknown({ request }: Context, ns: DraftNamespace): void {
  const fields: NamespaceField[] = ['id', 'owner']
  if (nsTypeRow(ns.type).hasParent) fields.push('parent')
  if (ns.type === 'user') fields.push('ownerUid')
  if (ns.type === 'net' && request.sources.has('nsids')) fields.push('nsid')
  for (const field of fields) addUnknown(ns, field)
}
