#!/usr/bin/env node
'use strict'
const { existsSync, writeSync } = require('node:fs')
const { join } = require('node:path')

const packageRoot = join(__dirname, '..')
const bundle = join(packageRoot, 'dist/cli/nsx.cjs')

if (existsSync(bundle)) {
  require(bundle).main(packageRoot, process.argv.slice(2))
} else {
  writeSync(2, `nsx: ${bundle} is missing; run "npm run build" in ${packageRoot}\n`)
  process.exitCode = 70
}
