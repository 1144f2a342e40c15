/**
 * What the bystander is let do at once: maps, and binding what is there by then; the PID namespace, which is
 * there for others from its first process on; the mount namespace, once its mounts are its own.
 */
export const GROUP = { outside: 1, pid: 2, mnt: 3 } as const
