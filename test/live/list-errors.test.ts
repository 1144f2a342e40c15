import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileSchema } from '../support/schemas.ts'
import { watch } from './support/children.ts'
import { requireAddon, requireRoot } from './support/needs.ts'
import { runNsx, spawnNsx } from './support/nsx.ts'
import { copyPackage } from './support/package.ts'
import { inumOf } from './support/proc.ts'

/** Beyond the greatest pid that there can be. */
const NO_PID = '4194304'

const validate = compileSchema('error')

describe.runIf(requireAddon())('list ends with', () => {
  test.each([
    ['an unknown type', ['-t', 'net,nett'], 2, "unknown namespace type 'nett'"],
    ['an unknown column', ['--sort', 'NSS'], 2, 'NSS'],
    ['an unknown flag', ['--bogus'], 2, 'unknown flag --bogus'],
    ['a word that names no namespace', ['net:[x]'], 2, "'net:[x]' does not name a namespace"],
    ['a pid as a namespace', ['1234'], 2, "'1234' does not name a namespace"],
    ['a namespace that is not there', ['net:[4294967295]'], 3, 'no namespace net:[4294967295]'],
    ['an id that is not there', ['id:18446744073709551615'], 3, 'no namespace id:184467440737095'],
    ['a namespace of another type', [`net:[${inumOf('self', 'uts')}]`], 3, 'no namespace net:['],
    ['a path that is not there', ['/nonexistent/net'], 3, 'no such file or directory'],
    ['a path that is no namespace', ['/etc/passwd'], 3, 'it is not a namespace file'],
    ['a container that there is not', ['-p', 'x'], 3, "there is no container 'x'"],
    ['pid 0', ['-p', '0'], 2, "'0' names neither a process"],
    ['a pid that is not there', ['-p', NO_PID], 3, `there is no process ${NO_PID}`],
    ['a procfs that is not there', ['--procfs', '/nonexistent'], 3, '/nonexistent cannot be read'],
    ['a folder that is no procfs', ['--procfs', '/etc'], 3, '/etc is not a procfs'],
    ['a file as a procfs', ['--procfs', '/etc/passwd'], 3, 'not a directory'],
    ['a filter of an unknown name', ['-Q', 'true && nss.type == "net"'], 2, '&& -->nss.type'],
    ['half a filter', ['-Q', 'ns.type =='], 2, 'the filter is wrong'],
    ['a filter that is no condition', ['-Q', '"net"'], 2, 'not a condition'],
    ['flags that exclude each other', ['-p', 'self', '-P'], 2, 'exclude each other'],
  ])('%s', async (_, args, exitCode, message) => {
    const text = await runNsx(['list', ...args])
    expect(text).toMatchObject({ stdout: '', code: exitCode })
    expect(text.stderr).toContain(message)
    // A message and a hint.
    expect(text.stderr).toMatch(/^nsx: .*\n(?: {2}.*\n)?$/)
    const json = await runNsx(['list', ...args, '--json'])
    expect(json).toMatchObject({ stderr: '', code: exitCode })
    const document = JSON.parse(json.stdout)
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
    expect(document.error.exitCode).toBe(exitCode)
    expect(document.error.message).toContain(message)
  })

  test('a path where the addon is missing', async () => {
    const args = ['list', '/proc/self/ns/net', '--json']
    const { stdout, code } = await runNsx(args, { root: copyPackage({ addon: false }) })
    expect(code).toBe(6)
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'no-addon', exitCode: 6 })
  })

  test.runIf(requireRoot())('a procfs that may not be read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nsx-proc-'))
    const { stderr, code } = await runNsx(['list', '--procfs', folder], { uid: 12_345 })
    rmSync(folder, { recursive: true })
    expect({ stderr, code }).toMatchObject({ code: 4 })
    expect(stderr).toContain('permission denied (EACCES)')
  })
})

describe('a listing of 5,000 namespaces', () => {
  const COUNT = 5000
  let procfs: string

  beforeAll(() => {
    procfs = mkdtempSync(join(tmpdir(), 'nsx-proc-'))
    for (let pid = 1; pid <= COUNT; pid++) {
      mkdirSync(`${procfs}/${pid}/ns`, { recursive: true })
      symlinkSync(`uts:[${4_026_540_000 + pid}]`, `${procfs}/${pid}/ns/uts`)
    }
  })

  afterAll(() => rmSync(procfs, { recursive: true }))

  test('is whole where it is read to the end', async () => {
    const { stdout } = await runNsx(['list', '-n', '-t', 'uts', '--procfs', procfs])
    expect(stdout.trimEnd().split('\n').length).toBe(COUNT)
  })

  // All columns: much more than a pipe takes in.
  test.each([
    ['text', '--output-all'],
    ['raw', '--output-all', '--raw'],
    ['json', '--json'],
  ])('ends quietly where its reader goes away (%s)', async (_, ...args) => {
    const child = spawnNsx(['list', '-t', 'uts', '--procfs', procfs, ...args])
    const { end, stderr } = watch(child)
    child.stdout?.once('data', () => child.stdout?.destroy())
    expect({ code: await end, stderr: stderr() }).toEqual({ code: 0, stderr: '' })
  })

  test('is an error where there is no room for it', async () => {
    const via = ['/bin/sh', '-c', 'exec "$@" > /dev/full', 'sh']
    const { stderr, code } = await runNsx(['list', '--procfs', procfs], { via })
    expect(code).toBe(5)
    expect(stderr).toMatch(/^nsx: cannot write to standard output: ENOSPC\n {2}.*\n$/)
  })
})
