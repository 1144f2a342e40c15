import type { Holder, Namespace, Snapshot } from '../../src/model/snapshot.ts'

/** A namespace in one line, so that a test can name everything that is expected of it. */
function namespaceLine(ns: Namespace): string {
  const parts = [
    `${ns.type}:[${ns.inum}]`,
    ns.id === null ? '' : `id ${ns.id}`,
    members(ns),
    ns.leader === null ? '' : `leader ${ns.leader}`,
    ns.owner === null ? '' : `owner ${ns.owner}`,
    ns.parent === null ? '' : `parent ${ns.parent}`,
    ns.ownerUid === null ? '' : `by uid ${ns.ownerUid}`,
    ns.nsid === null ? '' : `nsid ${ns.nsid}`,
    ...ns.holders.filter(({ kind }) => kind !== 'owned' && kind !== 'child').map(holderText),
    ...counted(ns),
    ns.unknown.length === 0 ? '' : `unknown ${ns.unknown.join('+')}`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function members({ members, inferredMembers }: Namespace): string {
  if (members.length === 0) return 'no members'
  const marked = members.map((pid) => (inferredMembers.includes(pid) ? `~${pid}` : `${pid}`))
  return `members ${marked.join(' ')}`
}

function holderText({ kind, pid, fd, path }: Holder): string {
  if (kind === 'mount') return `mount ${JSON.stringify(path)}`
  return fd === null ? `${kind} ${pid}` : `${kind} ${pid}/${fd}`
}

/** Which namespaces it owns, and which are its children. */
function counted({ holders }: Namespace): string[] {
  return (['child', 'owned'] as const).flatMap((kind) => {
    const inums = holders.flatMap((h) => (h.kind === kind ? (h.namespace ?? []) : []))
    return inums.length > 0 ? `${kind} ${inums.sort((a, b) => a - b).join(' ')}` : []
  })
}

/** Namespaces that are not of the boot: what a fixture is about. */
export function madeLines({ namespaces }: Snapshot): string[] {
  return namespaces.filter(({ inum }) => inum > INITIAL_LAST).map(namespaceLine)
}

export function bootLines({ namespaces }: Snapshot): string[] {
  return namespaces.filter(({ inum }) => inum <= INITIAL_LAST).map(namespaceLine)
}

const INITIAL_LAST = 4026531839

/** States other than `read`. */
export function sourceStates({ coverage }: Snapshot): Record<string, string> {
  return Object.fromEntries(
    coverage.sources.flatMap(({ name, state }) => (state === 'read' ? [] : [[name, state]])),
  )
}
