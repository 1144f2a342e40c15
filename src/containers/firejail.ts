import { optionOf, programOf } from './evidence.ts'
import type { Family, Relative, Want } from './family.ts'

/**
 * Firejail's sandboxes, which have no cgroup: a descendant of the supervisor is in one. The supervisor and
 * the first process of the sandbox are both firejail itself.
 */
export const firejail: Family = {
  family: 'firejail',
  byProcess({ index, relative, evidence }) {
    if (index === 0 || !isFirejail(relative)) return null
    const above = evidence.lineage[index + 1]
    // The one above is the supervisor then.
    if (above && isFirejail(above)) return null
    const name = optionOf(relative.args, '--name')
    return {
      ...{ kind: 'sandbox', id: null, monitor: index, tells: [] },
      told: { image: null, name },
      wants: name === null ? [nameFile(relative)] : [],
    }
  },
  name(_, files) {
    const text = files.flatMap(({ answer }) => ('text' in answer ? answer.text.trim() : []))[0]
    return text ? { name: text } : undefined
  },
}

/** Firejail, which is set-user-ID, writes it as root. */
function nameFile({ pid }: Relative): Want {
  return { below: 'host', path: `run/firejail/name/${pid}`, owner: 0 }
}

function isFirejail(relative: Relative): boolean {
  return relative.comm === 'firejail' && programOf(relative) === 'firejail'
}
