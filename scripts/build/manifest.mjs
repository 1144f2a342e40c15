import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Plugin } from '@oclif/core/config'

/** What `oclif manifest` makes of dist/commands, made by the same class of oclif. */
export async function makeManifest(root) {
  const plugin = new Plugin({
    root,
    isRoot: true,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  })
  await plugin.load()
  const { version, commands } = plugin.manifest
  return { version, commands: Object.fromEntries(Object.entries(commands).sort(byId)) }
}

export function manifestText(manifest) {
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** tsc leaves the output of sources that are gone; here each would be a command. */
export function removeOrphans(root) {
  const sources = join(root, 'src/commands')
  const outputs = join(root, 'dist/commands')
  for (const name of readdirSync(outputs)) {
    const [stem] = name.split('.')
    if (!existsSync(join(sources, `${stem}.ts`))) rmSync(join(outputs, name))
  }
}

function byId([a], [b]) {
  return a < b ? -1 : 1
}
