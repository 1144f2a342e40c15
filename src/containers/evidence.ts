import type { Relative } from './family.ts'

/** 64 hexadecimal digits: how most runtimes number their containers. */
export const LONG_ID = /^[0-9a-f]{64}$/

/** systemd's manager of a user, below which that user makes cgroups as they like (systemd.unit(5)). */
const USER_MANAGER = /^user@(\d{1,10})\.service$/

/** Whose a cgroup is by its path alone: a user's, below their manager; null: the path does not say. */
export function userOfPath(path: readonly string[]): number | null {
  const uid = path.map((name) => USER_MANAGER.exec(name)?.[1]).findLast(Boolean)
  return uid === undefined ? null : Number(uid)
}

/**
 * Who could have made a cgroup, as far as its path says: below the manager of a user that user; in slices
 * alone systemd, because a slice is never given away (systemd.resource-control(5), Delegate=).
 *
 * @returns null: only the owner of the directory tells.
 */
export function makerOfPath(path: readonly string[]): number | null {
  const inSlices = path.slice(0, -1).every((name) => name.endsWith('.slice'))
  const isUnit = /\.(?:service|scope)$/.test(path.at(-1) ?? '')
  return userOfPath(path) ?? (inSlices && isUnit ? 0 : null)
}

/** The name of the program, as its command line has it; a process can say anything there. */
export function programOf({ args, comm }: Relative): string {
  return args[0]?.split(' ')[0]?.split('/').at(-1) || comm
}

/** The value of `-x VALUE`, `--x VALUE` or `--x=VALUE` among arguments; null: not there. */
export function optionOf(args: readonly string[], ...names: readonly string[]): string | null {
  for (const [i, arg] of args.entries()) {
    if (names.includes(arg)) return args[i + 1] ?? null
    const name = names.find((candidate) => arg.startsWith(`${candidate}=`))
    if (name) return arg.slice(name.length + 1)
  }
  return null
}

/**
 * The process that watches over a container: the outermost one of the lineage that says so, because
 * whatever runs within can call itself the same. It counts only if it is root's, or of the user whose
 * cgroup it is about.
 *
 * @returns its index; null: there is none. The process itself (0) is no monitor of itself.
 */
export function monitorOf(
  lineage: readonly Relative[],
  user: number | null,
  says: (relative: Relative) => boolean,
): number | null {
  const index = lineage.findLastIndex(
    (relative, i) => i > 0 && (relative.uid === 0 || relative.uid === user) && says(relative),
  )
  return index < 0 ? null : index
}
