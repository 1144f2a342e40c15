import { isWithin, type MountPlace, type Place, placeOf } from '../../kernel/mount-places.ts'
import type { Pair, Side } from '../../model/pair.ts'
import { hasExited, type Rule, sharing, swap, type Told } from './rule.ts'

/** What both see of files, by where these really are. */
export const FILES: readonly Rule[] = [
  { rule: 'posix-shm', tell: sharedMemory },
  { rule: 'mounts', tell: mounts },
  { rule: 'mounts-back', tell: (pair) => mounts(swap(pair)) },
]

/** shm_overview(7): the C library keeps POSIX shared memory and semaphores as files there. */
const SHM = '/dev/shm'

function sharedMemory({ a, b }: Pair): Told {
  const gone = [a, b].find(hasExited)
  if (gone) {
    const why = `${gone.name} has exited`
    return { holds: false, text: `${a.name} and ${b.name} cannot share POSIX memory: ${why}` }
  }
  const [place, other] = [placeOfShm(a), placeOfShm(b)]
  if (!place || !other) {
    const why = `where ${(place ? b : a).name} has its ${SHM} cannot be read`
    return { holds: null, text: `whether they can share POSIX memory is unknown: ${why}` }
  }
  if (place.where !== other.where) {
    const text = `${a.name} and ${b.name} cannot share POSIX memory or semaphores: each has another ${SHM}`
    return { holds: false, text }
  }
  const both = `${a.name} and ${b.name}`
  const one = `${SHM} is one directory`
  if (place.readOnly && other.readOnly) {
    const text = `${both} cannot share POSIX memory or semaphores: ${one}, where both can only read`
    return { holds: false, text }
  }
  if (place.readOnly || other.readOnly) {
    const reader = (place.readOnly ? a : b).name
    const text = `${both} can share POSIX memory: ${one}, where ${reader} can only read`
    return { holds: true, text }
  }
  return { holds: true, text: `${both} can share POSIX memory and semaphores: ${one}` }
}

function placeOfShm({ mounts }: Side): Place | null {
  return mounts && placeOf(mounts, SHM)
}

/** Whether what A mounts appears to B, now or where mounts spread (mount_namespaces(7)). */
function mounts(pair: Pair): Told {
  const { a, b } = pair
  const { same, why } = sharing(pair, 'mnt')
  const what = `a mount made by ${a.name}`
  if (same)
    return { holds: true, text: `${what} appears to ${b.name}: they share a mount namespace` }
  const points = same === null || !a.mounts || !b.mounts ? null : spreading(a.mounts, b.mounts)
  if (points === null) {
    const unread = same === null ? why : `the mounts of ${(a.mounts ? b : a).name} cannot be read`
    // A task that has let go of its mount namespace has nothing to mount in, or to see one in.
    if (same === false && (hasExited(a) || hasExited(b)))
      return { holds: false, text: `${what} never appears to ${b.name}: ${why}` }
    return { holds: null, text: `whether ${what} appears to ${b.name} is unknown: ${unread}` }
  }
  if (points.length === 0 && mayGoRound(a.mounts ?? [], b.mounts ?? [])) {
    const round = 'it may spread by way of a third mount namespace'
    return { holds: null, text: `whether ${what} appears to ${b.name} is unknown: ${round}` }
  }
  if (points.length === 0)
    return { holds: false, text: `${what} does not appear to ${b.name}: ${why}` }
  const more = points.length > SHOWN ? ` and ${points.length - SHOWN} more` : ''
  const below = `${points.slice(0, SHOWN).join(', ')}${more}`
  return { holds: true, text: `${what} below ${below} appears to ${b.name} too: it spreads there` }
}

const SHOWN = 3

/** The mount points of the first below which its mounts reach the second. */
function spreading(from: readonly MountPlace[], to: readonly MountPlace[]): string[] {
  const points = from.flatMap((mount) => {
    if (mount.peerGroup === null) return []
    const receivers = to.filter(({ peerGroup, master }) =>
      [peerGroup, master].includes(mount.peerGroup),
    )
    return receivers.flatMap((receiver) => commonPoint(mount, receiver) ?? [])
  })
  return [...new Set(points)]
}

/**
 * Where, as the first sees it, what both have of the file system begins; null: they have nothing in common
 * (propagate_one() in fs/pnode.c: only what is below the root of the receiver).
 */
function commonPoint(from: MountPlace, to: MountPlace): string | null {
  if (isWithin(from.root, to.root)) return from.mountPoint
  if (!isWithin(to.root, from.root)) return null
  const rest = from.root === '/' ? to.root : to.root.slice(from.root.length)
  return from.mountPoint === '/' ? rest : from.mountPoint + rest
}

/**
 * Whether mounts may reach the second by way of a third mount namespace: it receives from a group that neither
 * is in, which may itself receive from one of the first.
 */
function mayGoRound(from: readonly MountPlace[], to: readonly MountPlace[]): boolean {
  const groups = new Set(from.map(({ peerGroup }) => peerGroup))
  return to.some(
    ({ master, device }) =>
      master !== null &&
      !groups.has(master) &&
      from.some(
        (mount) => mount.peerGroup !== null && mount.device === device && mount.master !== master,
      ),
  )
}
