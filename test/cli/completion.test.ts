import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { nsx } from './run-cli.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nsx-completion-'))
  for (const shell of ['bash', 'zsh', 'fish']) {
    writeFileSync(join(folder, shell), nsx(['completion', shell]).stdout)
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What bash would offer for the last word. */
function bash(...words: string[]): string[] {
  const script = `source ${join(folder, 'bash')}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _nsx; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  return stdout.split('\n').filter(Boolean)
}

function has(shell: string): boolean {
  const there = spawnSync(shell, ['--version']).status === 0
  if (!there && process.env.CI) throw new Error(`${shell} is missing`)
  if (!there) process.stderr.write(`skipped: ${shell} is not installed\n`)
  return there
}

describe('completion in bash', () => {
  it('offers the commands', () => {
    expect(bash('nsx', '')).toEqual([
      ...[
        'caps',
        'completion',
        'diff',
        'doctor',
        'enter',
        'gid',
        'help',
        'limits',
        'list',
        'matrix',
      ],
      ...['pid', 'run', 'show', 'tree', 'uid', 'why'],
    ])
    expect(bash('nsx', 'l')).toEqual(['limits', 'list'])
  })

  it('offers the flags of a command', () => {
    expect(bash('nsx', 'list', '--no')).toEqual([
      ...['--noheadings', '--notruncate', '--nowrap', '--no-sockets', '--no-descriptors'],
      '--no-color',
    ])
    expect(bash('nsx', 'help', '--js')).toEqual([])
  })

  it('offers the types, also after a comma', () => {
    expect(bash('nsx', 'list', '-t', '')).toEqual([...NS_TYPE_NAMES])
    expect(bash('nsx', 'list', '--type', 'net,u')).toEqual(['net,uts', 'net,user'])
  })

  it('offers the topics of help', () => {
    expect(bash('nsx', 'help', 'n')).toEqual(['namespaces'])
  })

  it('offers processes for --task', () => {
    expect(bash('nsx', 'list', '-p', String(process.pid))).toContain(String(process.pid))
  })
})

describe('completion of enter and run in bash', () => {
  it('offers flags, of which the hidden ones are none', () => {
    expect(bash('nsx', 'enter', '--ne')).toEqual(['--net', '--net-socket'])
    expect(bash('nsx', 'enter', '--targ')).toEqual([])
    expect(bash('nsx', 'run', '--map-u')).toEqual(['--map-user', '--map-users'])
    expect(bash('nsx', 'run', '--no-p')).toEqual(['--no-pty'])
  })

  it.each(['enter', 'show', 'diff'])('offers processes to %s', (command) => {
    expect(bash('nsx', command, String(process.pid))).toContain(String(process.pid))
    expect(bash('nsx', command, 'sel')).toEqual(['self'])
  })

  it('offers the words that a flag knows', () => {
    expect(bash('nsx', 'run', '--propagation', 's')).toEqual(['slave', 'shared'])
    expect(bash('nsx', 'run', '--setgroups', '')).toEqual(['allow', 'deny'])
    expect(bash('nsx', 'run', '--map-users', '')).toEqual(['auto', 'subids', 'all'])
    expect(bash('nsx', 'run', '--root', '/pro')).toEqual(['/proc'])
  })

  it('offers commands behind --, and then files', () => {
    expect(bash('nsx', 'run', '-n', '--', 'printen')).toContain('printenv')
    expect(bash('nsx', 'enter', 'web', '--', 'ls', '/etc/passw')).toContain('/etc/passwd')
    expect(bash('nsx', 'list', '--', 'printen')).toEqual([])
  })
})

describe.runIf(has('zsh'))('completion in zsh', () => {
  it('is a script that zsh accepts, with the function of bash', () => {
    const { status, stderr } = spawnSync('zsh', ['-fn', join(folder, 'zsh')], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})

describe.runIf(has('fish'))('completion in fish', () => {
  it('offers types, flags and commands', () => {
    const offered = (line: string): string[] => {
      const script = `source ${join(folder, 'fish')}; complete -C '${line}'`
      const { stdout } = spawnSync('fish', ['--no-config', '-c', script], { encoding: 'utf8' })
      return stdout.split('\n').flatMap((text) => text.split('\t')[0] || [])
    }
    expect(offered('nsx l')).toEqual(['limits', 'list'])
    expect(offered('nsx list --type u')).toEqual(expect.arrayContaining(['user', 'uts']))
    expect(offered('nsx list --js')).toEqual(['--json'])
    expect(offered('nsx run --propagation sl')).toEqual(['slave'])
    expect(offered('nsx enter sel')).toContain('self')
    expect(offered('nsx enter --targ')).not.toContain('--target')
  })
})

it('names the shells there are where none or a wrong one is given', () => {
  expect(nsx(['completion']).status).toBe(2)
  expect(nsx(['completion', 'tcsh']).stderr).toContain('bash, zsh, fish')
})
