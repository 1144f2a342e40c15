import { type Addon, loadAddon } from '../host/addon.ts'
import { errnoName } from '../host/errno-name.ts'
import { errnoOf } from '../host/system-error.ts'
import { describeErrno } from '../kernel/errno.ts'
import type { ExecPlan } from '../model/exec-plan.ts'
import { encodePlan } from './encode-plan.ts'
import { failure } from './failure.ts'

/** @throws {NsxError} it is not there, or is not for this machine. */
export function addonOf(packageRoot: string): Addon {
  const loaded = loadAddon(packageRoot)
  if ('addon' in loaded) return loaded.addon
  throw failure(`the native addon is missing (${loaded.error})`, {
    code: 'no-addon',
    hint: 'run npm run build',
  })
}

/**
 * @param lowest the descriptors below are not for us.
 * @returns a descriptor of the plan in a sealed file in memory, from which nsx-exec reads it.
 */
export function sealedPlan(addon: Addon, plan: ExecPlan, lowest: number): number {
  const bytes = encodePlan(plan)
  try {
    return addon.sealedMemory('nsx-plan', bytes, false, lowest)
  } catch (error) {
    const errno = errnoName(errnoOf(error))
    throw failure(`cannot hand nsx-exec its plan in a file in memory: ${describeErrno(errno)}`, {
      code: 'no-sealed-memory',
      errno,
    })
  }
}
