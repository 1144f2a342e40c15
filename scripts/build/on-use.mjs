import { isBuiltin } from 'node:module'
import { sep } from 'node:path'

const PREFIX = '\0on-use:'

/** Where the bundle of a package lies, seen from dist/cli. */
export function packageFile(name) {
  return `packages/${name.replace('/', '+')}.cjs`
}

/**
 * rolldown moves what lies outside of the bundle to its top, whoever imports it: node:tty alone
 * (chalk wants it) costs a tenth of a bare start. Behind a CommonJS module of its own it stays
 * where it is used. Packages that files below `own` import are noted in `packages`.
 */
export function onUse(own, packages) {
  return {
    name: 'nsx-on-use',
    resolveId: {
      order: 'pre',
      handler(id, importer = '', { kind }) {
        if (importer.startsWith(PREFIX)) return { id, external: true }
        if (isBuiltin(id)) return kind === 'import-statement' ? PREFIX + id : undefined
        if (!importer.startsWith(own + sep) || !/^[@\w]/.test(id)) return undefined
        if (id.startsWith('@oclif/core/')) return undefined
        packages.add(id)
        return `${PREFIX}./${packageFile(id)}`
      },
    },
    load: (id) =>
      id.startsWith(PREFIX)
        ? `module.exports = require(${JSON.stringify(id.slice(PREFIX.length))})`
        : undefined,
  }
}
