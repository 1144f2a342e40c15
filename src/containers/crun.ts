import type { Family } from './family.ts'
import { composeOf, documentsOf, objectAt, stringAt } from './json.ts'
import { bareMatch } from './oci-runtime.ts'

/** crun on its own: `/ID`, and its state in /run/crun (libcrun, status.c); in a unit `crun-ID.scope`. */
export const crun: Family = {
  family: 'crun',
  inCgroup(place) {
    const { path } = place
    const scoped = /^crun-(.+)\.scope$/.exec(path.at(-1) ?? '')?.[1]
    if (scoped === undefined) return bareMatch(place, 'crun', 'status')
    return {
      ...{ kind: 'container', id: scoped, monitor: null, tells: [], rest: path.length - 1 },
      told: { name: scoped, image: null },
      wants: [{ below: 'host', path: `run/crun/${scoped}/status` }],
    }
  },
  name({ id }, files) {
    const status = documentsOf(files, '/status')[0]
    if (stringAt(status, 'bundle') === null) return undefined
    return { name: id, compose: composeOf(objectAt(status, 'annotations')) }
  },
}
