/** The directory of a cgroup, by a path from where its hierarchy is mounted; slashes around it do not matter. */
export function cgroupFolder(mountPoint: string, path: string): string {
  const [folder, rest] = [mountPoint.replace(/\/+$/, ''), path.replace(/^\/+|\/+$/g, '')]
  return rest === '' ? folder : `${folder}/${rest}`
}

/**
 * A cgroup's path from what of its hierarchy is mounted.
 *
 * @param root of the mount, in mountinfo
 * @param path of the cgroup, in /proc/PID/cgroup; both from the root of the reader's cgroup namespace
 * @returns empty: it is that root; null: it is not below of it (`/../…` is above of the namespace)
 */
export function cgroupPathBelow(root: string, path: string): string | null {
  if (path.split('/').includes('..')) return null
  if (root === '/') return path === '/' ? '' : path
  if (path === root) return ''
  return path.startsWith(`${root}/`) ? path.slice(root.length) : null
}
