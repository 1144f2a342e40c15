import { type NsType, nsTypeRow } from '../../kernel/namespace-types.ts'
import type { RunRequest } from '../../model/run-request.ts'

/**
 * The order in which the kernel makes namespaces: the user namespace first, for it owns the others
 * (copy_creds()), then as in create_new_namespaces() in kernel/nsproxy.c.
 */
const KERNEL_ORDER = ['user', 'mnt', 'uts', 'ipc', 'pid', 'cgroup', 'net', 'time'] as const

/** What was asked for, in the kernel's order. */
export function typesOf({ namespaces }: RunRequest): NsType[] {
  return KERNEL_ORDER.filter((type) => namespaces.has(type))
}

/** The CLONE_NEW* bits. */
export function flagsOf(types: readonly NsType[]): number {
  return types.reduce((flags, type) => flags | nsTypeRow(type).bit, 0)
}

/** `a new network namespace`, `new user, mount and PID namespaces`. */
export function nameNew(types: readonly NsType[]): string {
  const titles = types.map((type) => nsTypeRow(type).title)
  if (titles.length === 1) return `a new ${titles[0]} namespace`
  return `new ${titles.slice(0, -1).join(', ')} and ${titles.at(-1)} namespaces`
}

/** The command is made by a fork, because only a child is in the new namespace. */
export function isSpawned(request: RunRequest, execEntersTime: boolean): boolean {
  const { namespaces, clone } = request
  return clone || namespaces.has('pid') || (namespaces.has('time') && !execEntersTime)
}

/** Somebody has to stay, wait for the command and end as it did. */
export function isMonitored(request: RunRequest, execEntersTime: boolean): boolean {
  const { fork, pty, statusFd } = request
  return isSpawned(request, execEntersTime) || fork || pty === true || statusFd !== null
}
