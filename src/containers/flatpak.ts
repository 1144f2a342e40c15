import type { Family } from './family.ts'

/** Flatpak's applications: `app-flatpak-APP-NUMBER.scope`, made in the manager of their user. */
export const flatpak: Family = {
  family: 'flatpak',
  inCgroup({ path }) {
    const app = /^app-flatpak-(.+)-\d+\.scope$/.exec(path.at(-1) ?? '')?.[1]
    if (app === undefined) return null
    return {
      ...{ kind: 'sandbox', id: null, monitor: null, tells: [], wants: [] },
      told: { name: app.replaceAll('\\x2d', '-'), image: null },
      rest: path.length - 1,
    }
  },
  absorbs: ['bwrap'],
}
