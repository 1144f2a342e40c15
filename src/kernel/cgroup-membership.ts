import { decodeText } from './text.ts'

/** One hierarchy of /proc/PID/cgroup (cgroups(7)). */
export interface CgroupMembership {
  /** 0: cgroup2. */
  readonly hierarchy: number
  /** `cpu`, `cpuacct`, `name=systemd` …; empty: cgroup2. */
  readonly controllers: readonly string[]
  /** From the root of the cgroup namespace of whoever reads; with `..` for what is above of it. */
  readonly path: string
}

/**
 * Parses /proc/PID/cgroup. A path can hold a colon, and no newline: cgroup names may not (cgroup1_mkdir(),
 * cgroup_mkdir() in kernel/cgroup).
 *
 * @returns null where a line is not of that form.
 */
export function parseCgroupMemberships(bytes: Buffer): CgroupMembership[] | null {
  const lines = bytes
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
  const parsed = lines.map((line) => /^(\d+):([^:]*):(\/.*)$/.exec(line))
  if (!parsed.every((match) => match !== null)) return null
  return parsed.map(([, hierarchy, controllers = '', path = '']) => ({
    hierarchy: Number(hierarchy),
    controllers: controllers === '' ? [] : controllers.split(','),
    path: decodeText(Buffer.from(path, 'latin1')).text,
  }))
}
