import type { Family } from './family.ts'

const PROGRAMS: readonly string[] = ['runsc-sandbox', 'runsc-gofer']

/**
 * gVisor: the sentry and its gofer, in the PID namespace of the host, are all that is seen of a
 * container. Their last argument is its id.
 */
export const gvisor: Family = {
  family: 'gvisor',
  byProcess({ index, relative }) {
    const id = relative.args.at(-1)
    if (!PROGRAMS.includes(relative.args[0] ?? '') || !id || id.startsWith('-')) return null
    return {
      ...{ kind: 'container', id, monitor: index, tells: [], wants: [] },
      told: { name: null, image: null },
    }
  },
}
