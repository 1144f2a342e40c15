import { type LocalStat, realLocalPath, statLocal } from '../host/local-files.ts'
import { cgroupFolder } from '../kernel/cgroup-folder.ts'
import { isGone } from '../kernel/errno.ts'
import { isWithin } from '../kernel/mount-places.ts'
import type { MountinfoLine } from '../kernel/mountinfo.ts'
import type { PathPlace } from '../model/run-facts.ts'
import type { RunRequest } from '../model/run-request.ts'
import { type Answer, attempt } from './task-links.ts'

/** Directories that the kernel made to be mounted on: what they cover is empty (proc_create_mount_point()). */
const EMPTY_FOLDERS = ['/sys/fs/binfmt_misc', '/fs/nfsd', '/openprom']

/** Whether there is a whole /proc that can be written, as mnt_already_visible() in fs/namespace.c asks. */
export function isProcVisible(mounts: readonly MountinfoLine[]): boolean {
  return mounts.some(({ id, fsType, root, mountPoint, mountOptions, options }) => {
    if (fsType !== 'proc' || root !== '/') return false
    if ([mountOptions, options].some((each) => each.split(',').includes('ro'))) return false
    const above = mounts.filter(({ parentId }) => parentId === id)
    return above.every((mount) => EMPTY_FOLDERS.includes(below(mount.mountPoint, mountPoint)))
  })
}

function below(path: string, folder: string): string {
  return folder === '/' ? path : path.slice(folder.length)
}

/** Where cgroup2 is mounted, all of it if there is such a mount. */
export function cgroup2Of(mounts: readonly MountinfoLine[]): string | null {
  const found = mounts.filter(({ fsType }) => fsType === 'cgroup2')
  return (found.find(({ root }) => root === '/') ?? found[0])?.mountPoint ?? null
}

/** Looks at the paths that are named for the caller's own root and working directory. */
export function readPlaces(
  request: RunRequest,
  mounts: readonly MountinfoLine[] | null,
): ReadonlyMap<string, PathPlace> {
  const { root, workingDirectory, cgroupPath, mountProc, mountBinfmt } = request
  const cgroup2 = mounts && cgroup2Of(mounts)
  const inside = root === null ? [workingDirectory, mountProc, mountBinfmt] : []
  const paths = [
    ...[...request.namespaces.values(), root],
    // What is relative will be so to the new working directory.
    ...inside.filter(
      (path) => path?.startsWith('/') || workingDirectory === null || path === workingDirectory,
    ),
    ...(cgroupPath === null || cgroup2 === null ? [] : [cgroupFolder(cgroup2, cgroupPath)]),
  ]
  return new Map(paths.flatMap((path) => (path ? [[path, readPlace(path, mounts)] as const] : [])))
}

function readPlace(path: string, mounts: readonly MountinfoLine[] | null): PathPlace {
  const found = attempt(() => statLocal(path), path)
  const folder = folderOf(path)
  const inFolder = attempt(() => statLocal(folder).directory, folder)
  const kind = kindOf(found)
  const real = attempt(() => realPath(path, kind !== 'missing'), path)
  return {
    kind,
    folder: 'value' in inFolder ? inFolder.value : isGone(inFolder.errno) ? false : null,
    ...('value' in real && mounts
      ? mountedAt(real.value, mounts)
      : { mounted: null, shared: null }),
  }
}

function kindOf(found: Answer<LocalStat>): PathPlace['kind'] {
  if ('errno' in found) return isGone(found.errno) ? 'missing' : 'unknown'
  return found.value.directory ? 'directory' : 'file'
}

function folderOf(path: string): string {
  const folder = path.replace(/\/+[^/]*\/*$/, '')
  return folder === path ? '.' : folder || '/'
}

function realPath(path: string, there: boolean): string {
  if (there) return realLocalPath(path)
  const name = path.replace(/\/+$/, '').replace(/^.*\//, '')
  const folder = realLocalPath(folderOf(path))
  return folder === '/' ? `/${name}` : `${folder}/${name}`
}

function mountedAt(
  path: string,
  mounts: readonly MountinfoLine[],
): Pick<PathPlace, 'mounted' | 'shared'> {
  const holding = mounts.filter(({ mountPoint }) => isWithin(path, mountPoint))
  // Of those at one place the last one lies on top.
  const top = holding.reduce<MountinfoLine | null>(
    (best, mount) => (best && best.mountPoint.length > mount.mountPoint.length ? best : mount),
    null,
  )
  return { mounted: top?.mountPoint === path, shared: top ? top.peerGroup !== null : null }
}
