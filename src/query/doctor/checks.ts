import type { Observation } from './finding.ts'
import { checkGaps, checkHidden } from './gaps.ts'
import { checkMemberless } from './memberless.ts'
import { checkPidNamespaces } from './pid-namespaces.ts'
import type { Scene } from './scene.ts'
import { checkStaleNames } from './stale-names.ts'
import { checkStrayThreads } from './stray-threads.ts'

/** All that `doctor` looks for. A new check is one row and one file. */
export const CHECKS: readonly ((scene: Scene) => readonly Observation[])[] = [
  checkPidNamespaces,
  checkStrayThreads,
  checkStaleNames,
  checkMemberless,
  checkHidden,
  checkGaps,
]
