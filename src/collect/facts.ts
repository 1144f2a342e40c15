import type { NsFacts } from '../host/port.ts'
import { type Errno, isDenied } from '../kernel/errno.ts'
import { isInitialInum, nsTypeRow } from '../kernel/namespace-types.ts'
import { HOLDER_KINDS, type Namespace, type NamespaceField } from '../model/snapshot.ts'
import type { Context } from './context.ts'
import {
  addGap,
  addHolder,
  addUnknown,
  type Draft,
  type DraftNamespace,
  finishNamespace,
  namespaceOf,
  newDraft,
} from './draft.ts'

/**
 * Books what nsfs said. With the source `relatives` every owner and parent it names becomes a
 * namespace of the result, also one that has no process and no other reference.
 */
export function addFacts(context: Context, facts: readonly NsFacts[]): void {
  const { draft, request } = context
  const relatives = request.sources.has('relatives')
  const fresh: NsFacts[] = []
  for (const fact of facts) {
    const known = draft.namespaces.get(fact.inum)
    if (!known && !relatives) continue
    const ns = known ?? namespaceOf(draft, fact.type, fact.inum)
    // An owner of many is told with each that was asked for.
    if (ns.described) continue
    book(draft, ns, fact)
    fresh.push(fact)
  }
  if (relatives) for (const fact of fresh) addReferences(context, fact)
}

/** A namespace of which nothing is known but what nsfs says: whatever holds it is out of sight. */
export function namespaceOfFacts(fact: NsFacts): Namespace {
  const draft = newDraft()
  const ns = namespaceOf(draft, fact.type, fact.inum)
  book(draft, ns, fact)
  addUnknown(ns, 'leader')
  return finishNamespace(ns, HOLDER_KINDS)
}

function book(draft: Draft, ns: DraftNamespace, fact: NsFacts): void {
  ns.described = true
  ns.unknown.length = 0
  ns.id = fact.id
  if (fact.id === null) addUnknown(ns, 'id')
  ns.owner = related(ns, 'owner', fact.owner)
  ns.parent = related(ns, 'parent', fact.parent)
  ns.ownerUid = numberOr(ns, 'ownerUid', fact.ownerUid)
  ns.nsid = numberOr(ns, 'nsid', fact.nsid)
  bookFailure(draft, fact.owner)
  bookFailure(draft, fact.parent)
  bookFailure(draft, fact.ownerUid)
  bookFailure(draft, fact.nsid)
}

/** A refusal is the usual answer for what is outside of our own subtree: no gap, but `unknown`. */
function bookFailure(draft: Draft, answer: number | Errno | null): void {
  if (typeof answer === 'string' && !isDenied(answer)) addGap(draft, 'relatives', { errno: answer })
}

/**
 * EPERM has two meanings: there is none, or it is outside of what we may see (ioctl_nsfs(2)). Only
 * the initial user and PID namespaces lack relatives, and these have fixed inode numbers.
 */
function related(
  ns: DraftNamespace,
  field: 'owner' | 'parent',
  answer: number | Errno | null,
): number | null {
  const lacking: readonly string[] = nsTypeRow(ns.type).initialLacks
  const none = answer === 'EPERM' && isInitialInum(ns.inum) && lacking.includes(field)
  return none ? null : numberOr(ns, field, answer)
}

function numberOr(
  ns: DraftNamespace,
  field: NamespaceField,
  answer: number | Errno | null,
): number | null {
  if (typeof answer !== 'string') return answer
  addUnknown(ns, field)
  return null
}

/** A namespace keeps its owner and its parent alive. */
function addReferences({ draft }: Context, { inum, parent, owner }: NsFacts): void {
  addReference(draft, parent, 'child', inum)
  addReference(draft, owner, 'owned', inum)
}

function addReference(
  draft: Draft,
  to: number | Errno | null,
  kind: 'child' | 'owned',
  namespace: number,
): void {
  const ns = typeof to === 'number' ? draft.namespaces.get(to) : undefined
  if (ns) addHolder(ns, kind, { namespace })
}
