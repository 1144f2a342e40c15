import { LONG_ID, userOfPath } from './evidence.ts'
import type { CgroupPlace, Family, Match, ProcessEvidence, Want } from './family.ts'
import { composeOf, documentsOf, objectAt, stringAt } from './json.ts'
import { bundleWants, type Shim, shimIn, shimOf, usualBundle } from './shim.ts'

/** Those of docker and of CRI have families of their own. */
const OTHERS: readonly string[] = ['moby', 'k8s.io']

/**
 * Containers of containerd alone: `NAMESPACE/ID` of ctr, where ID is what its user typed, and
 * nerdctl's `nerdctl-ID.scope` or `default/ID`.
 */
export const containerd: Family = {
  family: 'containerd',
  inCgroup(place) {
    const found = placeOf(place)
    return found === null ? null : matchOf(found, place.evidence, place.path)
  },
  byProcess({ index, relative, evidence }) {
    const shim = index > 0 ? shimOf(relative) : null
    if (!shim || OTHERS.includes(shim.namespace)) return null
    return { ...matchOf({ ...shim, rest: 0 }, evidence, []), monitor: index }
  },
  name({ id }, files) {
    const bundle = documentsOf(files, 'config.json')[0]
    if (bundle === undefined) return undefined
    const labels = objectAt(bundle, 'annotations')
    return { name: stringAt(labels, 'nerdctl/name') ?? id, compose: composeOf(labels) }
  },
}

interface Found {
  readonly namespace: string
  readonly id: string
  readonly rest: number
}

function placeOf({ path, evidence }: CgroupPlace): Found | null {
  const [parent = '', leaf = ''] = [path.at(-2), path.at(-1)]
  const rest = path.length - 1
  const scoped = /^nerdctl-([0-9a-f]{64})\.scope$/.exec(leaf)?.[1]
  if (scoped !== undefined) {
    const found = shimIn(evidence, userOfPath(path), ({ id }) => id === scoped)
    return { namespace: found?.shim.namespace ?? 'default', id: scoped, rest }
  }
  const found = shimIn(
    evidence,
    userOfPath(path),
    ({ namespace, id }) => id === leaf && !OTHERS.includes(namespace),
  )
  if (found) {
    const { namespace } = found.shim
    return { namespace, id: leaf, rest: parent === namespace ? rest - 1 : rest }
  }
  // nerdctl's own numbers, below the namespace that is used when none is named.
  return parent === 'default' && LONG_ID.test(leaf)
    ? { namespace: parent, id: leaf, rest: rest - 1 }
    : null
}

function matchOf(
  { namespace, id, rest }: Found,
  evidence: ProcessEvidence,
  path: readonly string[],
): Match {
  const user = userOfPath(path)
  const found = shimIn(evidence, user, (shim) => isItsShim(shim, { namespace, id }))
  const wants: Want[] = found
    ? bundleWants(found.relative, found.shim, id)
    : user === null
      ? [usualBundle(namespace, id)]
      : []
  // Of ctr the id is the name; a number is nerdctl's, which gives another name to it.
  const named = LONG_ID.test(id) ? {} : { name: id }
  const tells = LONG_ID.test(id) ? (['name', 'compose'] as const) : []
  return {
    ...{ kind: 'container', id, rest, wants, tells },
    told: { ...named, image: null },
    monitor: found?.index ?? null,
  }
}

function isItsShim(shim: Shim, { namespace, id }: { namespace: string; id: string }): boolean {
  return shim.namespace === namespace && shim.id === id
}
