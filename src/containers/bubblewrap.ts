import type { Family, Relative } from './family.ts'

/**
 * bubblewrap's sandboxes, which have neither a cgroup nor a name: a descendant of bwrap is in one. Where
 * there is a PID namespace, its first process is bwrap, too.
 */
export const bubblewrap: Family = {
  family: 'bwrap',
  byProcess({ index, relative, evidence }) {
    if (index === 0 || !isBwrap(relative)) return null
    const above = evidence.lineage[index + 1]
    if (above && isBwrap(above) && sameCommand(above, relative)) return null
    return {
      ...{ kind: 'sandbox', id: null, monitor: index, tells: [], wants: [] },
      told: { name: null, image: null },
    }
  },
}

function isBwrap({ comm }: Relative): boolean {
  return comm === 'bwrap'
}

/** bwrap's first process is its fork and has its command line; a sandbox in a sandbox has another. */
function sameCommand(a: Relative, b: Relative): boolean {
  return a.args.join('\0') === b.args.join('\0')
}
