import type { Slot } from '../../model/exec-plan.ts'

/** The process that is entered. */
export const PROCESS: Slot = 0
export const ROOT: Slot = 1
export const WORKING_DIRECTORY: Slot = 2
/** Namespaces that are entered one by one, from here on. */
export const NAMESPACES: Slot = 3
