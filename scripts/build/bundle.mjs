import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { leanOclif } from './lean-oclif.mjs'
import { onUse, packageFile } from './on-use.mjs'

const ENTRY = 'nsx:entry'

/**
 * dist/cli/nsx.cjs: our own code and oclif, evaluated on use. Every other package is a file of its
 * own beside it, read on use: at each start V8 would have to scan the source of them all.
 */
export async function bundle(root, manifest) {
  const directory = join(root, 'dist/cli')
  rmSync(join(directory, 'packages'), { recursive: true, force: true })
  // V8 tells the cache of another source by no more than its length.
  rmSync(join(directory, 'code-cache'), { recursive: true, force: true })
  const packages = new Set()
  await write(join(directory, 'nsx.cjs'), {
    input: ENTRY,
    external: ['typescript'],
    plugins: [
      entry(entryCode(root, manifest)),
      onUse(join(root, 'dist'), packages),
      ...leanOclif(),
    ],
  })
  for (const name of packages) {
    await write(join(directory, packageFile(name)), { input: name, cwd: root })
  }
}

async function write(file, { plugins = [], ...options }) {
  const build = await rolldown({ platform: 'node', ...options, plugins: [...plugins, asciiOnly] })
  await build.write({
    file,
    format: 'cjs',
    exports: 'named',
    codeSplitting: false,
    // Lines stay lines: a stack trace, or the source line Node prints with one, must be readable.
    minify: { compress: true, mangle: true, codegen: false },
  })
  await build.close()
}

/** V8 reads a source of ASCII alone sooner, and keeps it in half of the memory. */
const asciiOnly = {
  name: 'nsx-ascii-only',
  generateBundle(_, files) {
    for (const file of Object.values(files)) {
      if (file.type === 'chunk') file.code = file.code.replace(/[^\0-\x7f]/g, escapeUnit)
    }
  },
}

function escapeUnit(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function entry(code) {
  return {
    name: 'nsx-entry',
    resolveId: { order: 'pre', handler: (id) => (id === ENTRY ? ENTRY : undefined) },
    load: (id) => (id === ENTRY ? code : undefined),
  }
}

/** The bundle's own first module: src/cli/entry.ts with the manifest and a lazy import a command. */
function entryCode(root, manifest) {
  const { name, version, oclif } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const imports = Object.entries(manifest.commands).map(([id, { relativePath }]) => {
    return `${JSON.stringify(id)}: () => import(${JSON.stringify(join(root, ...relativePath))})`
  })
  return `
    import { main as run } from ${JSON.stringify(join(root, 'dist/cli/entry.js'))}
    const build = {
      pjson: ${JSON.stringify({ name, version, oclif })},
      manifest: ${JSON.stringify(manifest)},
      load: { ${imports.join(', ')} },
    }
    export const main = (root, argv) => run(root, argv, build)
  `
}
