import type { Family } from './family.ts'
import { composeOf, documentsOf, stringAt } from './json.ts'
import { bareMatch } from './oci-runtime.ts'

/** runc on its own: `/ID`, and its state in /run/runc (libcontainer, state.json). */
export const runc: Family = {
  family: 'runc',
  inCgroup: (place) => bareMatch(place, 'runc', 'state.json'),
  name({ id }, files) {
    const state = documentsOf(files, '/state.json')[0]
    if (stringAt(state, 'id') !== id) return undefined
    return { name: id, compose: composeOf(labelsOf(state)) }
  },
}

/** `config.labels` is a list of `KEY=VALUE`: the annotations of the bundle, and `bundle=PATH`. */
function labelsOf(state: unknown): Record<string, string> {
  const labels = (state as { config?: { labels?: unknown } } | null)?.config?.labels
  if (!Array.isArray(labels)) return {}
  const pairs = labels
    .filter((label): label is string => typeof label === 'string')
    .map((label) => [label.split('=')[0] ?? '', label.slice(label.indexOf('=') + 1)])
  return Object.fromEntries(pairs)
}
