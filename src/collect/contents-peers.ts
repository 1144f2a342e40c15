import type { AnyContents } from '../contents/contents-types.ts'
import type { LinkEnd, NetContents, NetInterface } from '../contents/net/net-contents.ts'
import { errnoName } from '../host/errno-name.ts'
import type { Host, NsHandle, PeerNsids } from '../host/port.ts'
import { isGone } from '../kernel/errno.ts'
import type { NsRef } from '../model/snapshot.ts'
import type { ContentsPlace } from './contents.ts'
import { addGap, type Draft } from './draft.ts'

/**
 * Finds the namespaces in which the other ends of interfaces are, and their names there, where these contents
 * were read, too. An end is known by the number that its namespace has in the namespace of this end.
 */
export function resolvePeers(
  { host, draft }: { readonly host: Host; readonly draft: Draft },
  where: {
    readonly places: readonly ContentsPlace[]
    readonly candidates: readonly { readonly inum: number; readonly handle: NsHandle }[]
  },
  found: Map<number, AnyContents>,
): void {
  for (const { inum, handle } of where.places) {
    const contents = found.get(inum)
    if (contents?.type !== 'net' || !handle || !contents.interfaces.some(isElsewhere)) continue
    const told = host.peerNsids?.(
      handle,
      where.candidates.map((candidate) => candidate.handle),
    )
    if (!told) continue
    if (typeof told === 'string') {
      addGap(draft, 'contents', { errno: told })
      found.set(inum, { ...contents, unknown: [...contents.unknown, 'interfaces.peer.namespace'] })
      continue
    }
    bookFailures(draft, told)
    const byNsid = new Map<number, number>()
    for (const [i, candidate] of where.candidates.entries()) {
      const nsid = told.nsids[i] ?? -1
      if (nsid >= 0) byNsid.set(nsid, candidate.inum)
    }
    const refs = refsOf(host, { contents, byNsid, candidates: where.candidates })
    found.set(inum, withEnds(contents, refs, found))
  }
}

function bookFailures(draft: Draft, { errnos }: PeerNsids): void {
  for (const errno of new Set(errnos)) {
    // Gone, or another namespace by now: no end of a living interface is there.
    const name = errnoName(errno)
    if (errno !== 0 && !isGone(name) && name !== 'ESTALE')
      addGap(draft, 'contents', { errno: name })
  }
}

function isElsewhere({ peer, lower }: NetInterface): boolean {
  return [peer, lower].some((end) => end !== null && end.nsid !== null)
}

/** With their ids, as far as nsfs tells these: only of those in which there is an end. */
function refsOf(
  { describe }: Host,
  known: {
    readonly contents: NetContents
    readonly byNsid: ReadonlyMap<number, number>
    readonly candidates: readonly { readonly inum: number; readonly handle: NsHandle }[]
  },
): Map<number, NsRef> {
  const { contents, byNsid, candidates } = known
  const ends = contents.interfaces.flatMap(({ peer, lower }) => [peer?.nsid, lower?.nsid])
  const nsids = [...new Set(ends)].flatMap((nsid) => nsid ?? []).filter((id) => byNsid.has(id))
  const inums = new Set(nsids.map((nsid) => byNsid.get(nsid)))
  const handles = candidates.flatMap(({ inum, handle }) => (inums.has(inum) ? [handle] : []))
  const facts = (handles.length > 0 && describe?.(handles, { nsid: false }).facts) || []
  const ids = new Map(facts.map(({ inum, id }) => [inum, id]))
  return new Map(
    nsids.map((nsid) => {
      const inum = byNsid.get(nsid) as number
      return [nsid, { type: 'net', inum, id: ids.get(inum) ?? null }]
    }),
  )
}

function withEnds(
  contents: NetContents,
  refs: ReadonlyMap<number, NsRef>,
  found: ReadonlyMap<number, AnyContents>,
): NetContents {
  const placed = mapEnds(contents, (end) => {
    const namespace = end.nsid === null ? undefined : refs.get(end.nsid)
    return namespace ? { ...end, namespace } : end
  })
  return nameEnds(placed, found)
}

/** Names the other ends in namespaces of which the contents are known. */
export function nameEnds(
  contents: NetContents,
  known: ReadonlyMap<number, AnyContents>,
): NetContents {
  const names = new Map<number, ReadonlyMap<number, string>>()
  return mapEnds(contents, (end) => {
    const inum = end.namespace?.inum
    const other = inum === undefined ? undefined : known.get(inum)
    if (inum === undefined || !other) return end
    const there = names.get(inum) ?? namesOf(other)
    names.set(inum, there)
    return { ...end, name: there.get(end.index) ?? null }
  })
}

/** The namespaces of other ends that have no name yet. */
export function unnamedEnds({ interfaces }: NetContents): number[] {
  const ends = interfaces.flatMap(({ peer, lower }) => [peer, lower])
  return ends.flatMap((end) => (end?.namespace && end.name === null ? [end.namespace.inum] : []))
}

function mapEnds(contents: NetContents, change: (end: LinkEnd) => LinkEnd): NetContents {
  return {
    ...contents,
    interfaces: contents.interfaces.map((device) => ({
      ...device,
      peer: device.peer && change(device.peer),
      lower: device.lower && change(device.lower),
    })),
  }
}

function namesOf(contents: AnyContents | undefined): ReadonlyMap<number, string> {
  const devices = contents?.type === 'net' ? contents.interfaces : []
  return new Map(devices.flatMap(({ index, name }) => (index === null ? [] : [[index, name]])))
}
