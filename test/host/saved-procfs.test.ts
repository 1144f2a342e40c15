import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Procfs, SavedProcfs } from '../../src/host/procfs.ts'

/** A folder that is made to look like a procfs by somebody who means harm. */
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nsx-procfs-'))
  mkdirSync(join(folder, '1/ns'), { recursive: true })
  writeFileSync(join(folder, '1/stat'), '1 (init) S 0')
  writeFileSync(join(folder, 'secret'), 'secret')
  execFileSync('mkfifo', [join(folder, '1/cmdline')])
  symlinkSync('/etc/passwd', join(folder, '1/status'))
  symlinkSync('/proc/self', join(folder, '2'))
  symlinkSync('1', join(folder, 'self'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const errorOf = (read: () => unknown): string | undefined => {
  try {
    read()
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}

describe.each([
  ['another procfs', (root: string) => new Procfs(root)],
  ['a saved one', (root: string) => new SavedProcfs(root)],
])('%s', (_, open) => {
  it('reads its files', () => {
    expect(open(folder).text('1/stat')).toBe('1 (init) S 0')
    expect(open(folder).head('1/stat', 3).toString()).toBe('1 (')
  })

  it('does not wait for a writer of a FIFO', () => {
    expect(errorOf(() => open(folder).bytes('1/cmdline'))).toBe('EINVAL')
  })

  it('does not read what a link in the place of a file leads to', () => {
    expect(errorOf(() => open(folder).bytes('1/status'))).toBe('ELOOP')
  })
})

describe('a saved procfs', () => {
  it('is not left by a link in the place of a process', () => {
    expect(errorOf(() => new SavedProcfs(folder).bytes('2/stat'))).toBe('ELOOP')
    expect(new SavedProcfs(folder).exists('2/ns')).toBe(false)
  })

  it('has a link to itself that leads to a process of its own', () => {
    expect(new SavedProcfs(folder).text('self/stat')).toBe('1 (init) S 0')
  })

  it('is not left upwards', () => {
    expect(errorOf(() => new SavedProcfs(join(folder, '1')).bytes('../secret'))).toBe('ELOOP')
  })
})
