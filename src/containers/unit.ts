import type { Family } from './family.ts'

/** systemd's services and scopes (systemd.unit(5)); the name is the whole unit's. */
export const unit: Family = {
  family: 'unit',
  inCgroup({ path }) {
    const leaf = path.at(-1) ?? ''
    if (!/^.+\.(?:service|scope)$/.test(leaf)) return null
    return {
      ...{ kind: 'unit', id: null, monitor: null, tells: [], wants: [] },
      told: { name: leaf, image: null },
      rest: path.length - 1,
    }
  },
}
