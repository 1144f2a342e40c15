import { programOf } from './evidence.ts'
import type { Family } from './family.ts'

/** Where there is room, the title is one string. */
const TYPE = /(?:^|\s)--type=(renderer|zygote|utility)(?:\s|$)/

/**
 * The sandbox of Chromium and all that is built on it: a process that says its role, below one of the same
 * program. It has neither a cgroup nor a name.
 */
export const chromium: Family = {
  family: 'chromium',
  byProcess({ index, relative, evidence }) {
    const role = TYPE.exec(relative.args.slice(1).join(' ') || relative.args.join(' '))?.[1]
    const parent = evidence.lineage[index + 1]
    if (index > 0 || role === undefined || !parent) return null
    if (programOf(parent) !== programOf(relative)) return null
    return {
      ...{ kind: 'sandbox', id: null, monitor: 0, tells: [], wants: [] },
      told: { name: role, image: null },
    }
  },
}
