import type { Family } from './family.ts'

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const SCOPE = new RegExp(`^snap\\.([^.]+)\\.(.+?)(?:[.-]${UUID})?\\.scope$`)
const SERVICE = /^snap\.([^.]+)\.(.+)\.service$/

/**
 * Snaps: `snap.PACKAGE.APP-UUID.scope` (before 2023 `snap.PACKAGE.APP.UUID.scope`), and services
 * `snap.PACKAGE.APP.service`.
 */
export const snap: Family = {
  family: 'snap',
  inCgroup({ path }) {
    const leaf = (path.at(-1) ?? '').replaceAll('\\x2d', '-')
    const [, snapName, app] = SCOPE.exec(leaf) ?? SERVICE.exec(leaf) ?? []
    if (snapName === undefined || app === undefined) return null
    return {
      ...{ kind: 'sandbox', id: null, monitor: null, tells: [], wants: [] },
      told: { name: app === snapName ? snapName : `${snapName}.${app}`, image: null },
      rest: path.length - 1,
    }
  },
}
