import { closeSync } from 'node:fs'
import type { Addon } from '../host/addon.ts'
import type { IdMapLine } from '../kernel/id-map.ts'
import type { ExecPlan } from '../model/exec-plan.ts'
import { helperPath, helperPrograms } from './helper-program.ts'
import { type KeepRequest, keptDescriptors } from './kept-descriptors.ts'
import { addonOf, sealedPlan } from './sealed-plan.ts'

export interface PerformOptions extends KeepRequest {
  readonly packageRoot: string
  /**
   * Of the user namespace that the command will be in, as our own one numbers ids; null: it is
   * unknown, or our own. It decides whether nsx-exec may be run from its own file.
   */
  readonly uidMap: readonly IdMapLine[] | null
}

/** Past standard input, output and error. */
const LOWEST = 3

/**
 * Carries out a plan in place of this process, as the last thing that Node does.
 *
 * @throws {NsxError} nsx-exec could not be started; then nothing of the plan is done.
 */
export function perform(plan: ExecPlan, options: PerformOptions): never {
  // First of all, because whatever is opened may take the number of one that is missing.
  const keep = keptDescriptors(options)
  const { packageRoot, uidMap } = options
  const addon = addonOf(packageRoot)
  return replaceProcess(plan, { addon, path: helperPath(packageRoot), uidMap, keep })
}

export interface Replacement {
  readonly addon: Addon
  /** Of nsx-exec. */
  readonly path: string
  readonly uidMap: PerformOptions['uidMap']
  readonly keep: readonly number[]
}

export function replaceProcess(plan: ExecPlan, replacement: Replacement): never {
  const { addon, keep } = replacement
  const planFd = sealedPlan(addon, plan, LOWEST)
  try {
    for (const program of helperPrograms({ ...replacement, lowest: LOWEST })) {
      try {
        addon.exec(program.fd, planFd, Int32Array.from(keep))
      } catch (error) {
        program.refuse(error)
      }
    }
  } finally {
    closeSync(planFd)
  }
  throw new Error('the last of the ways ended without a word')
}
