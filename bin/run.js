#!/usr/bin/env node
'use strict'
const { existsSync, readFileSync, statSync, writeSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname, join } = require('node:path')
const { Script } = require('node:vm')

const packageRoot = join(__dirname, '..')
const bundle = join(packageRoot, 'dist/cli/nsx.cjs')

/**
 * The code cache of this very Node: another one of the same V8 may crash on it, where V8's own check lets it
 * pass (20.19 on one of 20.20).
 */
function codeCache() {
  const { size, mtimeMs } = statSync(process.execPath)
  const node = `${process.version}-${process.arch}-${size}-${Math.trunc(mtimeMs)}`
  return join(packageRoot, `dist/cli/code-cache/${node}`)
}

/** As require() does, but with the code cache, which V8 ignores where it was made for other flags. */
function load() {
  const source = `(function(exports,require,__dirname){${readFileSync(bundle, 'utf8')}\n})`
  const cache = codeCache()
  const cachedData = existsSync(cache) ? readFileSync(cache) : undefined
  const script = new Script(source, { filename: bundle, cachedData })
  const exported = {}
  script.runInThisContext()(exported, createRequire(bundle), dirname(bundle))
  return { main: exported.main, script }
}

if (require.main !== module) {
  module.exports = { codeCache, load, packageRoot }
} else if (existsSync(bundle)) {
  // All is written by then; to take Node's heap apart first would only cost time.
  load()
    .main(packageRoot, process.argv.slice(2))
    .then(() => process.exit())
} else {
  writeSync(2, `nsx: ${bundle} is missing; run "npm run build" in ${packageRoot}\n`)
  process.exitCode = 70
}
