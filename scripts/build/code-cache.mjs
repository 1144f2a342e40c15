/**
 * Writes dist/cli/code-cache/: what V8 made of the bundle's functions while these ran, so that a
 * start need not compile them again. A process of its own, for its output is the program's.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const { codeCache, load, packageRoot } = createRequire(import.meta.url)('../../bin/run.js')

const { main, script } = load()
// Not this machine: with many processes V8's flags are changed, and a cache is for its flags only.
const machine = saveMachine()
try {
  for (const form of [['--json'], []]) {
    await main(packageRoot, ['list', '--procfs', machine, ...form])
    if (process.exitCode) throw new Error(`nsx list has failed (${process.exitCode})`)
  }
} finally {
  rmSync(machine, { recursive: true })
}
// A file that is half written would be a crash, not a miss.
const file = codeCache()
mkdirSync(dirname(file), { recursive: true })
writeFileSync(`${file}.new`, script.createCachedData())
renameSync(`${file}.new`, file)

/** A procfs with one process. */
function saveMachine() {
  const root = mkdtempSync(join(tmpdir(), 'nsx-build-'))
  mkdirSync(join(root, '1/ns'), { recursive: true })
  symlinkSync('net:[4026531840]', join(root, '1/ns/net'))
  writeFileSync(join(root, '1/stat'), `1 (init) S ${'0 '.repeat(49)}\n`)
  writeFileSync(join(root, '1/status'), 'Name:\tinit\nUid:\t0\t0\t0\t0\n')
  writeFileSync(join(root, '1/cmdline'), 'init\0')
  return root
}
