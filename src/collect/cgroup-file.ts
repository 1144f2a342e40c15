import { cgroupPathBelow } from '../kernel/cgroup-folder.ts'
import { type CgroupMembership, parseCgroupMemberships } from '../kernel/cgroup-membership.ts'
import type { Errno } from '../kernel/errno.ts'
import type { MountinfoLine } from '../kernel/mountinfo.ts'
import type { FileBelow } from '../model/inside.ts'

const MOST_BYTES = 4096

/**
 * Where a file of a process's cgroup is for us.
 *
 * @param cgroups the process's /proc/PID/cgroup
 * @param wanted `controller`: empty for cgroup2
 * @returns null where the process is in no such hierarchy; ENODEV where we have it not mounted, or not that part
 *   of it; ENOENT where we have it not mounted, but the process is at its root (that of our own cgroup namespace,
 *   so it would hold us as well), which has no state of its own.
 */
export function cgroupFile(
  mounts: readonly MountinfoLine[],
  cgroups: Buffer,
  { controller, file }: { readonly controller: string; readonly file: string },
): FileBelow | Errno | null {
  const isWanted = ({ controllers }: CgroupMembership) =>
    controller === '' ? controllers.length === 0 : controllers.includes(controller)
  const membership = parseCgroupMemberships(cgroups)?.find(isWanted)
  if (!membership) return null
  const mount = mounts.find(({ fsType, options }) =>
    controller === ''
      ? fsType === 'cgroup2'
      : fsType === 'cgroup' && options.split(',').includes(controller),
  )
  if (!mount) return membership.path === '/' ? 'ENOENT' : 'ENODEV'
  const path = cgroupPathBelow(mount.root, membership.path)
  if (path === null) return 'ENODEV'
  return { root: '/', path: `${mount.mountPoint}${path}/${file}`.slice(1), limit: MOST_BYTES }
}
