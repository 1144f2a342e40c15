import { dockerConfig, dockerNaming } from './docker-files.ts'
import { LONG_ID, userOfPath } from './evidence.ts'
import type { CgroupPlace, Family, Match, ProcessEvidence, Want } from './family.ts'
import { bundleWants, shimIn, shimOf, usualBundle } from './shim.ts'

/** containerd's namespace of docker. */
const MOBY = 'moby'

/**
 * Docker (and Moby): `docker-ID.scope` under systemd, `docker/ID` without; below --cgroup-parent any
 * `ID` of which the shim says that it is docker's.
 */
export const docker: Family = {
  family: 'docker',
  inCgroup(place) {
    const id = idOf(place)
    return id === null ? null : dockerMatch(id, place.evidence, place.path)
  },
  byProcess({ index, relative, evidence }) {
    const shim = index > 0 ? shimOf(relative) : null
    if (shim?.namespace !== MOBY || !LONG_ID.test(shim.id)) return null
    return { ...dockerMatch(shim.id, evidence, []), monitor: index }
  },
  name: dockerNaming,
}

function idOf({ path, evidence }: CgroupPlace): string | null {
  const [parent, leaf = ''] = [path.at(-2), path.at(-1)]
  const scope = /^docker-([0-9a-f]{64})\.scope$/.exec(leaf)?.[1]
  if (scope !== undefined) return scope
  if (!LONG_ID.test(leaf)) return null
  const own = parent === 'docker' || shimIn(evidence, userOfPath(path), isDockers(leaf)) !== null
  return own ? leaf : null
}

function isDockers(id: string) {
  return (shim: { namespace: string; id: string }): boolean =>
    shim.namespace === MOBY && shim.id === id
}

/** What both ways, and dockershim's pods, know of a container of docker's. */
export function dockerMatch(id: string, evidence: ProcessEvidence, path: readonly string[]): Match {
  const user = userOfPath(path)
  const found = shimIn(evidence, user, isDockers(id))
  return {
    kind: 'container',
    id,
    told: {},
    tells: ['name', 'image', 'compose'],
    rest: path.at(-2) === 'docker' ? path.length - 2 : path.length - 1,
    monitor: found?.index ?? null,
    wants: found ? shimWants(found, id) : user === null ? usualWants(id) : [],
  }
}

const USUAL_DATA_ROOT = 'var/lib/docker'

function shimWants({ relative, shim }: NonNullable<ReturnType<typeof shimIn>>, id: string): Want[] {
  const below = { pid: relative.pid, link: 'root' } as const
  return [{ below, path: dockerConfig(USUAL_DATA_ROOT, id) }, ...bundleWants(relative, shim, id)]
}

function usualWants(id: string): Want[] {
  return [{ below: 'host', path: dockerConfig(USUAL_DATA_ROOT, id) }, usualBundle(MOBY, id)]
}
