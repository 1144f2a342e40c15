import { readlinkSync } from 'node:fs'
import { NS_TYPE_NAMES } from '../../../src/kernel/namespace-types.ts'

/** The eight types, in an order of their own. */
export const EIGHT = NS_TYPE_NAMES.toSorted()

/** What a shell is to be told, for its own links, a line each. */
export function linksIn(types: readonly string[] = EIGHT, readlink = 'readlink'): string {
  return types.map((type) => `${readlink} /proc/self/ns/${type}`).join('\n')
}

/** The same of a process, as the host sees it. */
export function linksOf(pid: number | 'self', types: readonly string[] = EIGHT): string[] {
  return types.map((type) => readlinkSync(`/proc/${pid}/ns/${type}`))
}
