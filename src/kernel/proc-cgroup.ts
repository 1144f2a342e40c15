/** One line of /proc/PID/cgroup: where a process is in one hierarchy of cgroups. */
export interface CgroupLine {
  /** The controllers of the hierarchy, `name=systemd` among them; empty: cgroup v2. */
  readonly controllers: string
  /** The directories from the root of the hierarchy (of our cgroup namespace) down; none: the root. */
  readonly path: readonly string[]
}

/** What the kernel appends to the path of a cgroup that was removed under a zombie (cgroups(7)). */
const DELETED = / \(deleted\)$/

/**
 * Parses a /proc/PID/cgroup (cgroups(7)), `ID:CONTROLLERS:PATH` a line, in its order; v1, v2 and both at
 * once. A cgroup's name holds any byte but a newline and a slash, colons too; it is shown as it is, so
 * systemd's `\x2d` stands there as four characters.
 *
 * Lines that are not of that form are passed over.
 */
export function parseProcCgroup(text: string): CgroupLine[] {
  return text.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) return []
    return { controllers, path: path.replace(DELETED, '').split('/').filter(Boolean) }
  })
}
