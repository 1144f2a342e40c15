import { hasCapability } from '../../kernel/capabilities.ts'
import type { EnterFacts } from '../../model/enter-facts.ts'
import type { Join } from './choose.ts'

/**
 * What protects the process that enters from those inside is that it cannot be traced (PR_SET_DUMPABLE, prctl(2)).
 * That does not stop CAP_SYS_PTRACE in the user namespace in which it was started (__ptrace_may_access() in
 * kernel/ptrace.c): of a container without a user namespace of its own, in ours.
 */
export function exposureOf({ target, caller }: EnterFacts, joins: readonly Join[]): string[] {
  const bounding = target?.subject.credentials?.capabilities.bounding
  const isInside = joins.some(({ type }) => type === 'pid')
  if (!target || bounding === undefined || !isInside) return []
  if (target.inums.user !== caller.subject.links.user) return []
  if (!hasCapability(bounding, 'CAP_SYS_PTRACE')) return []
  return [
    `root of ${target.name} may have CAP_SYS_PTRACE in our own user namespace, and could then look into what ` +
      'enters: when it first becomes visible there, it holds descriptors 0 to 2 and the end of a pipe',
  ]
}
