import { formatNsLink } from '../../kernel/ns-link.ts'
import type { Holder, HolderKind, Snapshot } from '../../model/snapshot.ts'
import type { WhyInspection } from '../../model/why-inspection.ts'
import { type HolderGroup, holderGroups } from './holder-groups.ts'
import { namespaceOf } from './verdict.ts'
import { byProcess, naming, numbersOf, shellWord } from './words.ts'

/**
 * What would let go of a namespace, a sentence each; nothing of it is done. All of them together would end it,
 * as far as everything was seen. Empty: nothing would, or nothing that is known.
 */
export function releaseOf(inspection: WhyInspection): string[] {
  if (inspection.initial) return []
  const groups = holderGroups(namespaceOf(inspection))
  return groups.flatMap((group) => RELEASES[group.kind](group, inspection))
}

type Release = (group: HolderGroup, inspection: WhyInspection) => string[]

const RELEASES: Readonly<Record<HolderKind, Release>> = {
  process: endMembers,
  thread: ({ holders }, { snapshot }) =>
    eachProcess(holders, snapshot, (who, own) => {
      const tids = numbersOf(
        ['thread', 'threads'],
        own.map(({ tid }) => tid),
      )
      return `end process ${who}: its ${tids} cannot be ended alone`
    }),
  forChildren: ({ holders }, { snapshot }) =>
    eachProcess(holders, snapshot, (who) => `end process ${who}: its children are born into it`),
  descriptor: ({ holders }, { snapshot }) =>
    eachProcess(holders, snapshot, (who, own) => closing(who, ['descriptor', 'descriptors'], own)),
  socket: ({ holders }, { snapshot }) =>
    eachProcess(holders, snapshot, (who, own) => closing(who, ['socket', 'sockets'], own)),
  device: ({ holders }, { snapshot }) =>
    eachProcess(holders, snapshot, (who, own) => closing(who, ['tun device', 'tun devices'], own)),
  mount: ({ holders }, inspection) => holders.map((holder) => unmounting(holder, inspection)),
  child: ({ holders }, inspection) => goesFirst(holders, inspection),
  owned: ({ holders }, inspection) => goesFirst(holders, inspection),
}

function endMembers({ members }: HolderGroup, inspection: WhyInspection): string[] {
  const who = naming(inspection.snapshot)
  const [first, ...others] = inspection.members
  const pid = first?.pid ?? members[0] ?? null
  const name = first ? `${first.comm} (${first.pid})` : who(pid, true)
  if (others.length === 0) return [`end process ${name}`]
  return [`end its ${members.length} processes, of which ${name} is the topmost`]
}

function eachProcess(
  holders: readonly Holder[],
  snapshot: Snapshot,
  say: (who: string, own: readonly Holder[]) => string,
): string[] {
  const who = naming(snapshot)
  return [...byProcess(holders)].map(([pid, own]) => say(who(pid), own))
}

function closing(who: string, word: readonly [string, string], own: readonly Holder[]): string {
  const numbers = numbersOf(
    word,
    own.map(({ fd }) => fd),
  )
  return `end process ${who}, or have it close its ${numbers}`
}

/** Where iproute2 keeps its names (ip-netns(8)). */
const NETNS = /^\/(?:var\/)?run\/netns\/([^/]+)$/

function unmounting({ path, namespace }: Holder, inspection: WhyInspection): string {
  const { snapshot, readerMounts } = inspection
  if (path === null) return 'unmount it where it stands'
  const command = `umount ${shellWord(path)}`
  if (namespace === null || namespace === readerMounts) {
    const name = NETNS.exec(path)?.[1]
    return name === undefined ? command : `ip netns delete ${shellWord(name)}, or ${command}`
  }
  const place = formatNsLink('mnt', namespace)
  const leader = snapshot.namespaces.find(({ inum }) => inum === namespace)?.leader ?? null
  return leader === null
    ? `${place}, in which it is mounted on ${path}, has to go first: nsx why ${place}`
    : `nsx enter ${leader} --mount -- ${command}, or end all of ${place}: nsx why ${place}`
}

function goesFirst(holders: readonly Holder[], { snapshot }: WhyInspection): string[] {
  if (holders.length > MOST_FIRST) return [`${holders.length} other namespaces have to go first`]
  const types = new Map(snapshot.namespaces.map(({ inum, type }) => [inum, type]))
  const inums = holders.flatMap(({ namespace }) => namespace ?? []).sort((a, b) => a - b)
  return inums.map((namespace) => {
    const ref = formatNsLink(types.get(namespace) ?? 'user', namespace)
    return `${ref} has to go first: nsx why ${ref}`
  })
}

const MOST_FIRST = 8
