import type { Capability } from '../../kernel/capabilities.ts'
import type { Errno } from '../../kernel/errno.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { RunRequest } from '../../model/run-request.ts'
import { credentialsOf } from './id-kinds.ts'
import { type Cause, ownCapabilityCauses } from './told.ts'

type Owner = RunRequest['owner']

/** Null: the user namespace stays that of the caller. */
export function givenTo({ owner }: RunRequest, facts: RunFacts): Owner {
  const { uid, gid } = credentialsOf(facts)
  return owner?.uid === uid.effective && owner.gid === gid.effective ? null : owner
}

/**
 * Whoever gives the new user namespace away is a stranger to it, and to the process that has become its owner: that
 * is not dumpable then, so that its files are those of root (task_dump_owner() in fs/proc/base.c).
 *
 * @param how which capability in the new user namespace the file asks for, and how it says no
 */
export function strangerCauses(
  owner: Owner,
  facts: RunFacts,
  {
    capability = 'CAP_SYS_ADMIN',
    errno = 'EPERM',
  }: { readonly capability?: Capability; readonly errno?: Errno } = {},
): Cause[] {
  if (owner === null) return []
  const { uid } = credentialsOf(facts)
  const files = uid.effective === 0 ? [] : ownCapabilityCauses(facts, 'CAP_DAC_OVERRIDE')
  const rights = owner.uid === uid.effective ? [] : ownCapabilityCauses(facts, capability)
  return [
    ...files.map((cause) => ({ ...cause, errno: 'EACCES' })),
    ...rights.map((cause) => ({ ...cause, errno })),
  ]
}
