import type { KernelRelease } from '../kernel/kernel-release.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { SubidRange } from '../kernel/subid.ts'
import type { Caller } from './caller.ts'
import type { ReachedLimit } from './limits.ts'
import type { SeenFiles } from './seen-files.ts'

/** All that is looked at before `run` is planned: plain data. What could not be read is null. */
export interface RunFacts {
  readonly caller: Caller
  /** Of the caller's real uid. */
  readonly userName: string | null
  readonly release: KernelRelease | null
  /** Seconds since the boot, as the caller's clock has them. */
  readonly uptime: number | null
  /** Types that this kernel was built without. */
  readonly missing: readonly NsType[]
  /** user.max_*_namespaces of the caller's user namespace, as far as they could be read. */
  readonly limits: Readonly<Partial<Record<NsType, number>>>
  /** Limits at which the caller has arrived, as far as namespaces were counted; absent: they were not. */
  readonly reached?: readonly ReachedLimit[]
  /** How many namespaces lie above that of the caller, up to the initial one; null: that is out of sight. */
  readonly levels: { readonly user: number | null; readonly pid: number | null }
  /** kernel.unprivileged_userns_clone; null: this kernel has no such setting. */
  readonly unprivilegedUsers: boolean | null
  /** kernel.apparmor_restrict_unprivileged_userns is on. */
  readonly appArmorRestricts: boolean
  /** Of the caller; null: it is not confined. */
  readonly appArmorProfile: string | null
  readonly uids: OwnIds
  readonly gids: OwnIds
  /** setgroups(2) is allowed in the caller's user namespace (user_namespaces(7)). */
  readonly setgroups: boolean | null
  /** A /proc is mounted of which nothing is covered: else a user namespace may mount no new one. */
  readonly procVisible: boolean | null
  /** The kernel has binfmt_misc, or has loaded it. */
  readonly binfmt: boolean | null
  /** Where cgroup2 is mounted. */
  readonly cgroup2: string | null
  /** What is at the paths that were named, as they were written; not those that only later will lead there. */
  readonly places: ReadonlyMap<string, PathPlace>
  /** What is where the command will look for its program and directories; null: not asked. */
  readonly files: SeenFiles | null
}

/** With what the caller can map one kind of ids. */
export interface OwnIds {
  /** Ranges of the caller in /etc/subuid or /etc/subgid, in the order of the file; null as well: not asked for. */
  readonly subids: readonly SubidRange[] | null
  /** newuidmap(1), newgidmap(1). */
  readonly tool: MapTool | null
}

export interface MapTool {
  readonly path: string
  /** It is set-user-ID root; otherwise it has file capabilities, or no right at all. */
  readonly setuid: boolean
}

export interface PathPlace {
  readonly kind: 'directory' | 'file' | 'missing' | 'unknown'
  /** The directory that it is in, or would be made in, is there. */
  readonly folder: boolean | null
  /** Something is mounted on it. */
  readonly mounted: boolean | null
  /** Mounts on it spread to other mount namespaces (mount_namespaces(7)). */
  readonly shared: boolean | null
}
