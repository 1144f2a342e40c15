import { type MountPlace, placeOf } from '../../kernel/mount-places.ts'
import type { Pair, Side } from '../../model/pair.ts'
import { type Rule, sharing, swap, type Told } from './rule.ts'

/** What both see of files, by where these really are. */
export const FILES: readonly Rule[] = [
  { rule: 'posix-shm', tell: sharedMemory },
  { rule: 'mounts', tell: mounts },
  { rule: 'mounts-back', tell: (pair) => mounts(swap(pair)) },
]

/** shm_overview(7): the C library keeps POSIX shared memory and semaphores as files there. */
const SHM = '/dev/shm'

function sharedMemory({ a, b }: Pair): Told {
  const [place, other] = [a, b].map(({ mounts }) => mounts && placeOf(mounts, SHM)) as Place[]
  const blank = !place ? a : other ? null : b
  if (blank) {
    const why = `where ${blank.name} has its ${SHM} cannot be read`
    return { holds: null, text: `whether they can share POSIX memory is unknown: ${why}` }
  }
  const holds = place === other
  return {
    holds,
    text: holds
      ? `${a.name} and ${b.name} can share POSIX memory and semaphores: ${SHM} is one directory`
      : `${a.name} and ${b.name} cannot share POSIX memory or semaphores: each has another ${SHM}`,
  }
}

type Place = string | null | undefined

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
    if (same === false && hasExited(a, b))
      return { holds: false, text: `${what} never appears to ${b.name}: ${why}` }
    return { holds: null, text: `whether ${what} appears to ${b.name} is unknown: ${unread}` }
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
  const groups = new Set(to.flatMap(({ shared, master }) => [shared ?? [], master ?? []].flat()))
  return from.flatMap(({ shared, mountPoint }) =>
    shared !== null && groups.has(shared) ? mountPoint : [],
  )
}

function hasExited(...sides: readonly Side[]): boolean {
  return sides.some(({ subject }) => subject.state === 'Z')
}
