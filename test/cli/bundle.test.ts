import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { node, nsx, ROOT } from './run-cli.ts'

const entry = createRequire(import.meta.url)('../../bin/run.js')
const CODE_CACHE: string = relative(ROOT, entry.codeCache())
const scratch = mkdtempSync(join(tmpdir(), 'nsx-bundle-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** The files that a user gets, with no node_modules in reach. */
function install(name: string): string {
  const home = join(scratch, name)
  for (const path of ['bin', 'dist/cli/nsx.cjs', 'dist/cli/packages']) {
    cpSync(join(ROOT, path), join(home, path), { recursive: true })
  }
  return join(home, 'bin/run.js')
}

describe('the bundle', () => {
  it.each([[['help']], [['help', 'list', '--color']], [['help', 'x', 'y']], [['list', '--task']]])(
    'needs nothing beside it for nsx %j',
    (args) => {
      expect(node([install('alone'), ...args])).toEqual(nsx(args))
    },
  )

  it.each([['-J'], ['--color'], ['--boxed'], ['--filter=true'], ['--list-columns']])(
    'finds what nsx list %s needs',
    (flag) => {
      const { stdout, stderr, status } = node([install('alone'), 'list', flag])
      expect(stderr).not.toContain('internal error')
      expect({ status, written: stdout !== '' }).toEqual({ status: 0, written: true })
    },
    // It is the machine as it is that is listed.
    30_000,
  )

  it('imports nothing dynamically, which its loader could not do', () => {
    const source = readFileSync(join(ROOT, 'dist/cli/nsx.cjs'), 'utf8')
    expect(source.match(/(?<![\w.])import\(.*/g) ?? []).toEqual([])
  })

  it('has a code cache that this Node takes', () => {
    expect(entry.load().script.cachedDataRejected).toBe(false)
  })

  it('does as well with a code cache of another V8, or a broken one', () => {
    const run = install('stale')
    mkdirSync(join(scratch, 'stale', dirname(CODE_CACHE)), { recursive: true })
    for (const cache of ['', 'x', readFileSync(join(ROOT, CODE_CACHE)).fill(7, 0, 64)]) {
      writeFileSync(join(scratch, 'stale', CODE_CACHE), cache)
      expect(node([run, 'help'])).toEqual(nsx(['help']))
    }
  })

  it('starts without the modules of Node that are dear to load', () => {
    const list = join(scratch, 'loaded.json')
    const hook = join(scratch, 'hook.cjs')
    writeFileSync(
      hook,
      `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(list)},
        JSON.stringify(process.moduleLoadList)))`,
    )
    const before = JSON.stringify(node(['-r', hook, '-e', '0']) && load(list))
    node(['-r', hook, join(ROOT, 'bin/run.js'), 'help'])
    const added = load(list).filter((name) => !before.includes(JSON.stringify(name)))
    const dear = /NativeModule (tty|net|stream|readline|child_process|zlib|crypto|perf_hooks|util)$/
    expect(added.filter((name) => dear.test(name))).toEqual([])
  })

  it('says how to build it where it is missing', () => {
    const run = install('unbuilt')
    rmSync(join(scratch, 'unbuilt/dist'), { recursive: true })
    const { stdout, stderr, status } = node([run, 'list'])
    expect(stderr).toMatch(/^nsx: .*nsx\.cjs is missing; run "npm run build" in .*\n$/)
    expect({ stdout, status }).toEqual({ stdout: '', status: 70 })
  })
})

describe('the manifest', () => {
  const text = readFileSync(join(ROOT, '.oclif.manifest.json'), 'utf8')

  it('is the one that the commands make now', () => {
    expect(node([join(ROOT, 'scripts/build.mjs'), '--check'])).toMatchObject({
      status: 0,
      stderr: '',
    })
  })

  it('knows nothing of the machine it was made on', () => {
    expect(text).not.toContain(ROOT)
    expect(text).not.toContain(process.version)
    expect(Object.keys(JSON.parse(text).commands)).toEqual(
      Object.keys(JSON.parse(text).commands).sort(),
    )
  })
})

function load(file: string): string[] {
  return JSON.parse(readFileSync(file, 'utf8'))
}
