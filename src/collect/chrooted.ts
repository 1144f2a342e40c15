import type { Host } from '../host/port.ts'
import { type MountinfoLine, parseMountinfo } from '../kernel/mountinfo.ts'
import { attempt } from './task-links.ts'

/**
 * Whether the root directory of a task is another one than that of its mount namespace. A mountinfo shows
 * only what is below the root of its task: without a mount at `/`, that root is a mere directory of a mount.
 * One that is a mount is looked for among those that the first process and its parent see.
 *
 * @param folder of the task below the procfs: `12`, `12/task/14`
 * @returns null where it cannot be told
 */
export function isChrooted(host: Host, folder: string): boolean | null {
  const mounts = readMounts(host, folder)
  if (!mounts || mounts.length === 0) return null
  const root = mounts.findLast(isRoot)
  if (!root) return true
  // Ids of mounts are the same for all namespaces.
  const sameFor = (other: string) => readMounts(host, other)?.find(({ id }) => id === root.id)
  const first = sameFor('1')
  if (first) return !isRoot(first)
  const parent = parentOf(host, folder)
  const parents = parent === null ? undefined : sameFor(parent)
  // A parent of which it is the root, too, may be in the same chroot.
  return parents && !isRoot(parents) ? true : null
}

function parentOf({ procfs }: Host, folder: string): string | null {
  const answer = attempt(() => procfs.text(`${folder}/status`), folder)
  return ('value' in answer && /^PPid:\t([1-9]\d*)$/m.exec(answer.value)?.[1]) || null
}

/** @returns null where it cannot be read */
export function isRootMounted(host: Host, folder: string): boolean | null {
  return readMounts(host, folder)?.some(isRoot) ?? null
}

function isRoot({ mountPoint }: MountinfoLine): boolean {
  return mountPoint === '/'
}

function readMounts({ procfs }: Host, folder: string): MountinfoLine[] | null {
  const answer = attempt(() => parseMountinfo(procfs.text(`${folder}/mountinfo`)), folder)
  return 'value' in answer ? answer.value : null
}
