/**
 * From dist/ as tsc leaves it: .oclif.manifest.json, and the one file that bin/run.js loads with its
 * code cache.
 * With --check: only tells whether the committed manifest is still true.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from './build/bundle.mjs'
import { makeManifest, manifestText, removeOrphans } from './build/manifest.mjs'

const root = join(import.meta.dirname, '..')
const file = join(root, '.oclif.manifest.json')
const check = process.argv.includes('--check')
if (!check) removeOrphans(root)
const manifest = await makeManifest(root)
const text = manifestText(manifest)

if (check) {
  if (readText(file) !== text) {
    console.error('.oclif.manifest.json does not match src/commands: run "npm run build:ts"')
    process.exitCode = 1
  }
} else {
  writeFileSync(file, text)
  await bundle(root, manifest)
  makeCodeCache()
}

function makeCodeCache() {
  const script = join(import.meta.dirname, 'build/code-cache.mjs')
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the code cache could not be made:\n${stderr}`)
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}
