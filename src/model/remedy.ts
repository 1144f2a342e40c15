import { isInitialInum } from '../kernel/namespace-types.ts'

/** Who reads: what could be read with other rights depends on it. */
export interface Reader {
  readonly uid: number
  /** Inode of our user namespace; null: unknown. */
  readonly userNs: number | null
}

/** What would help against a refusal (ptrace(2), PTRACE_MODE_READ). */
export function remedyFor({ uid, userNs }: Reader): string {
  if (uid !== 0) return 'root sees all of them: sudo nsx'
  return userNs !== null && !isInitialInum(userNs)
    ? 'outside of our user namespace we are not root: run nsx in the initial one'
    : 'refused even to root: a security module, or a missing CAP_SYS_PTRACE'
}
