import { describe, expect, it } from 'vitest'
import { rowsOf } from '../../src/cli/flag-table.ts'
import { NAMESPACE_TYPES } from '../../src/kernel/namespace-types.ts'
import { nsx } from './run-cli.ts'

describe('nsx help', () => {
  it.each([[[]], [['-h']], [['--help']], [['--no-color']]])('is what nsx %j shows', (args) => {
    expect(nsx(args)).toEqual(nsx(['help']))
    expect(nsx(args)).toMatchObject({ status: 0, stderr: '' })
  })

  it('names the commands, the topics and the flags of all', () => {
    const { stdout } = nsx(['help'])
    for (const word of ['list', 'help', 'namespaces', 'exit-codes', '--version']) {
      expect(stdout).toContain(word)
    }
  })
})

describe('nsx help list', () => {
  it.each([[['list', '-h']], [['list', '--help']], [['list', '--bogus', '-h']], [['-h', 'list']]])(
    'is what nsx %j shows',
    (args) => {
      expect(nsx(args)).toEqual(nsx(['help', 'list']))
    },
  )

  it('has every flag, its usage and examples', () => {
    const { stdout } = nsx(['help', 'list'])
    for (const { name, char } of rowsOf('list')) {
      expect(stdout).toMatch(new RegExp(`${char ? `-${char}, ` : ' {4}'}--(\\[no-\\])?${name}\\b`))
    }
    expect(stdout).toMatch(/\nUsage:\n {2}nsx list \[FLAG\]\.\.\. \[NS[A-Z.]*\]\n/)
  })
})

describe.each(['enter', 'run'])('nsx help %s', (command) => {
  it.each([[[command, '-h']], [['-h', command]], [[command, '--net', '--help', '--', 'ls']]])(
    'is what nsx %j shows',
    (args) => {
      expect(nsx(args)).toEqual(nsx(['help', command]))
    },
  )

  it('has every flag but the hidden ones, in groups', () => {
    const { stdout } = nsx(['help', command])
    for (const { name, char, hidden } of rowsOf(command)) {
      const label = new RegExp(`\\n {2}${char ? `-${char},` : ' {3}'} --(\\[no-\\])?${name}\\b`)
      if (hidden) expect(stdout).not.toMatch(label)
      else expect(stdout).toMatch(label)
    }
    for (const group of ['Namespaces', 'Identity', 'Files', 'Environment', 'Processes', 'Plan']) {
      expect(stdout).toContain(`\n${group}:\n`)
    }
  })

  it('shows where the command stands', () => {
    expect(nsx(['help', command]).stdout).toMatch(
      /\nUsage:\n.*\[\[--\] COMMAND \[ARGUMENT\]\.\.\.\]\n/,
    )
  })
})

it('says of --no-init what follows, and of --clone what differs', () => {
  const text = nsx(['help', 'run']).stdout.replace(/\s+/g, ' ')
  expect(text).toMatch(/--no-init .*SIGTERM.* reap /)
  expect(text).toMatch(/--clone .*clone3\(2\), instead of unshare\(2\)/)
})

it('tells the exit codes of enter and run apart', () => {
  const { stdout } = nsx(['help', 'exit-codes'])
  expect(stdout).toMatch(
    /\n {2}70 .*\n\nOf nsx enter and nsx run instead:\n[\s\S]*\n {2}125 [\s\S]*\n {2}126 [\s\S]*\n {2}127 /,
  )
})

describe('a page', () => {
  it.each([['help'], ['list'], ['enter'], ['run'], ['namespaces'], ['exit-codes']])(
    '%s fits into 80 columns',
    (page) => {
      const { stdout } = nsx(['help', page])
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    },
  )

  it('has colour only where it is wanted', () => {
    expect(nsx(['help']).stdout).not.toContain('\x1b')
    expect(nsx(['help'], { FORCE_COLOR: '1' }).stdout).toContain('\x1b[1mUsage')
    expect(nsx(['help', '--color']).stdout).toContain('\x1b[1mUsage')
    expect(nsx(['help', '--no-color'], { FORCE_COLOR: '1' }).stdout).not.toContain('\x1b')
  })

  it('tells of each type of namespace', () => {
    const { stdout } = nsx(['help', 'namespaces'])
    for (const { name, flag, since, manual } of NAMESPACE_TYPES) {
      expect(stdout).toMatch(
        new RegExp(`\\n {2}${name} +${flag} +Linux ${since} +${manual.slice(0, -3)}`),
      )
    }
  })
})

describe('nsx --version', () => {
  it.each([[['-V']], [['list', '--version']], [['help', '-V']]])('%j', (args) => {
    const { stdout, status } = nsx(args)
    expect(stdout).toBe(`nsx 0.1.0 linux-${process.arch} node-${process.version}\n`)
    expect(status).toBe(0)
  })
})
