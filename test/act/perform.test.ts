import { chmodSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { helperPath } from '../../src/act/helper-program.ts'
import { replaceProcess } from '../../src/act/perform.ts'
import { NsxError } from '../../src/errors.ts'
import type { Addon } from '../../src/host/addon.ts'
import type { IdMapLine } from '../../src/kernel/id-map.ts'

/** Nobody who has a file here. */
const NOBODY_HERE: readonly IdMapLine[] = [{ inside: 0, outside: 3_000_000_000, count: 10 }]

const ERRNOS = { EACCES: 13, EPERM: 1, ENOEXEC: 8, EMFILE: 24 } as const

function refuse(code: keyof typeof ERRNOS): never {
  throw Object.assign(new Error(code), { code, errno: -ERRNOS[code] })
}

interface Kernel {
  readonly memory?: keyof typeof ERRNOS
  readonly mount?: keyof typeof ERRNOS
  /** Of each attempt to run it. */
  readonly runs?: readonly (keyof typeof ERRNOS)[]
}

/** What is run at last, and how the attempt ends. */
function performOn(kernel: Kernel, uidMap: readonly IdMapLine[] | null = null) {
  const ran: string[] = []
  const path = helper()
  const what = new Map<number, string>()
  const opened = (name: string) => {
    const fd = openSync('/dev/null', 'r')
    what.set(fd, name)
    return fd
  }
  const addon: Pick<Addon, 'sealedMemory' | 'readOnlyMount' | 'exec'> = {
    sealedMemory(name, _, executable) {
      if (executable && kernel.memory) refuse(kernel.memory)
      return opened(executable ? 'memory' : name)
    },
    readOnlyMount: () => (kernel.mount ? refuse(kernel.mount) : opened('mount')),
    exec(program, plan, keep) {
      ran.push(`${what.get(program) ?? 'file'} with ${what.get(plan)} and ${keep}`)
      refuse(kernel.runs?.[ran.length - 1] ?? 'ENOEXEC')
    },
  }
  const before = readdirSync('/proc/self/fd').length
  let error: unknown
  try {
    replaceProcess({ steps: [] }, { addon: addon as Addon, path, uidMap, keep: [3, 4] })
  } catch (thrown) {
    error = thrown
  }
  expect(readdirSync('/proc/self/fd').length).toBe(before)
  if (!(error instanceof NsxError)) throw error
  return { ran, error }
}

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'nsx-act-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

/** A package whose nsx-exec nobody else can write. */
function helper(): string {
  const path = join(directory(), 'nsx-exec')
  writeFileSync(path, '')
  chmodSync(path, 0o755)
  return path
}

describe('nsx-exec is run', () => {
  it.each<[string, Kernel, string[]]>([
    ['from a sealed file in memory', {}, ['memory']],
    ['from a read-only mount where such a file may not be', { memory: 'EACCES' }, ['mount']],
    ['from one, too, where it may not be run', { runs: ['EACCES'] }, ['memory', 'mount']],
    ['from its own file where both are refused', { memory: 'EACCES', mount: 'EPERM' }, ['file']],
  ])('%s', (_, kernel, expected) => {
    const { ran } = performOn(kernel, NOBODY_HERE)
    expect(ran).toEqual(expected.map((name) => `${name} with nsx-plan and 3,4`))
  })

  it('not from a file that root inside could write, and each reason is told', () => {
    const { ran, error } = performOn({ memory: 'EACCES', mount: 'EPERM' })
    expect(ran).toEqual([])
    expect(error.message).toBe(
      'cannot start nsx-exec so that nobody inside can change it: ' +
        'a sealed file in memory: permission denied (EACCES); ' +
        'a read-only mount: operation not permitted (EPERM); ' +
        'its own file: somebody inside could write it',
    )
    expect(error.details).toMatchObject({ code: 'unsafe-helper', exitCode: 125 })
    expect(error.details.hint).toContain('vm.memfd_noexec')
  })

  it('by no other way where that would not help', () => {
    const { ran, error } = performOn({ memory: 'EMFILE' })
    expect(ran).toEqual([])
    expect(error.message).toBe('cannot start nsx-exec: too many open files (EMFILE)')
  })

  it('never where it is for another machine', () => {
    const { error } = performOn({ runs: ['ENOEXEC'] })
    expect(error.details).toMatchObject({ exitCode: 125, errno: 'ENOEXEC' })
    expect(error.details.hint).toContain('npm run build')
  })
})

it('a package without nsx-exec says where it should be', () => {
  expect(() => helperPath(directory())).toThrow(
    `neither prebuilds/linux-${process.arch}/nsx-exec nor native/build/Release/nsx-exec`,
  )
})
