import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cleanEnv } from './run-cli.ts'

const CLI = join(import.meta.dirname, 'fixture-cli.mjs')

/** Prints 5 MB to a stdout that does not block, such as a parent that is a Node process leaves. */
const NONBLOCKING = `
  process.stdout
  const { spawn } = require('node:child_process')
  const child = spawn(process.execPath, [process.env.CLI, 'big'], { stdio: 'inherit' })
  child.on('exit', (code) => { process.exitCode = code })
`

/** What `$big` stands for. */
const WRITERS = { blocking: '"$NODE" "$CLI" big', nonblocking: '"$NODE" -e "$NONBLOCKING"' }

function bash(writer: keyof typeof WRITERS, line: string): { stdout: string; stderr: string } {
  const { stdout, stderr } = spawnSync('/bin/bash', ['-c', line.replace('BIG', WRITERS[writer])], {
    encoding: 'utf8',
    env: { ...cleanEnv(), NODE: process.execPath, CLI, NONBLOCKING },
  })
  return { stdout, stderr }
}

describe.each(['blocking', 'nonblocking'] as const)('output to a %s pipe', (writer) => {
  it('is complete when the reader is slow, and waiting takes no processor time', () => {
    const { stdout, stderr } = bash(
      writer,
      'TIMEFORMAT="%U %S"; time (BIG; echo "; exit $?" >&2) | (sleep 2; wc -c)',
    )
    expect(stdout).toBe('5000000\n')
    const [, status, user, system] = /^; exit (\d+)\n([\d.]+) ([\d.]+)\n$/.exec(stderr) ?? []
    expect(status).toBe('1')
    expect(Number(user) + Number(system)).toBeLessThan(1.5)
  })

  it('ends quietly when the reader goes away', () => {
    const { stdout, stderr } = bash(writer, '(BIG; echo "exit $?" >&2) | head -c 1')
    expect({ stdout, stderr }).toEqual({ stdout: 'x', stderr: 'exit 0\n' })
  })
})

it('says so when output cannot be written', () => {
  const { stdout, stderr } = bash('blocking', 'BIG >/dev/full; echo $?')
  expect(stdout).toBe('5\n')
  expect(stderr).toBe(
    'nsx: cannot write to standard output: ENOSPC\n  the output is not complete\n',
  )
})
