/**
 * Writes dist/cli/code-cache/: what V8 made of the bundle's functions while these ran, so that a
 * start need not compile them again. A process of its own, for its output is the program's.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const { codeCache, load, packageRoot } = createRequire(import.meta.url)('../../bin/run.js')

const COMMANDS = [['list'], ['show', '1'], ['diff', '1', '2']]

const { main, script } = load()
// Not this machine: with many processes V8's flags are changed, and a cache is for its flags only.
const machine = saveMachine()
try {
  for (const words of COMMANDS) {
    for (const form of [['--json'], []]) {
      await main(packageRoot, [...words, '--procfs', machine, ...form])
      // That two processes differ is no failure.
      if (process.exitCode > 1) throw new Error(`nsx ${words.join(' ')}: ${process.exitCode}`)
      process.exitCode = 0
    }
  }
} finally {
  rmSync(machine, { recursive: true })
}
// A file that is half written would be a crash, not a miss.
const file = codeCache()
mkdirSync(dirname(file), { recursive: true })
writeFileSync(`${file}.new`, script.createCachedData())
renameSync(`${file}.new`, file)

/** A procfs with two processes in network namespaces of their own. */
function saveMachine() {
  const root = mkdtempSync(join(tmpdir(), 'nsx-build-'))
  for (const pid of [1, 2]) {
    const folder = join(root, String(pid))
    mkdirSync(join(folder, 'ns'), { recursive: true })
    symlinkSync(`net:[${4026531840 + pid}]`, join(folder, 'ns/net'))
    symlinkSync('user:[4026531837]', join(folder, 'ns/user'))
    writeFileSync(join(folder, 'stat'), `${pid} (init) S ${'0 '.repeat(49)}\n`)
    writeFileSync(join(folder, 'status'), statusOf(pid))
    writeFileSync(join(folder, 'cmdline'), 'init\0')
    writeFileSync(join(folder, 'cgroup'), '0::/\n')
    for (const file of ['uid_map', 'gid_map']) writeFileSync(join(folder, file), '0 0 1\n')
  }
  return root
}

function statusOf(pid) {
  const ids = '0\t0\t0\t0'
  const sets = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((set) => `${set}:\t0\n`)
  return (
    `Name:\tinit\nTgid:\t${pid}\nPid:\t${pid}\nUid:\t${ids}\nGid:\t${ids}\nGroups:\t\n` +
    `NStgid:\t${pid}\nNSpid:\t${pid}\nThreads:\t1\n${sets.join('')}`
  )
}
