import type { Host } from '../host/port.ts'
import { type MountinfoLine, parseMountinfo } from '../kernel/mountinfo.ts'
import { attempt } from './task-links.ts'

/**
 * Whether the root directory of a task is another one than that of its mount namespace. A mountinfo shows
 * only what is below the root of its task: without a mount at `/`, that root is a mere directory of a mount.
 * One that is a mount is looked for among those that the first process sees.
 *
 * @param folder of the task below the procfs: `12`, `12/task/14`
 * @returns null where it cannot be told
 */
export function isChrooted(host: Host, folder: string): boolean | null {
  const mounts = readMounts(host, folder)
  if (!mounts || mounts.length === 0) return null
  const root = mounts.findLast(isRoot)
  if (!root) return true
  const seen = readMounts(host, '1')
  if (!seen) return null
  // Ids of mounts are the same for all namespaces.
  const same = seen.find(({ id }) => id === root.id)
  return same ? !isRoot(same) : null
}

function isRoot({ mountPoint }: MountinfoLine): boolean {
  return mountPoint === '/'
}

function readMounts({ procfs }: Host, folder: string): MountinfoLine[] | null {
  const answer = attempt(() => parseMountinfo(procfs.text(`${folder}/mountinfo`)), folder)
  return 'value' in answer ? answer.value : null
}
