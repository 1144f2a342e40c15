import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expandFlags, readArgv, unguardValue } from '../../src/cli/argv.ts'
import type { FlagRow } from '../../src/cli/flag-table.ts'

const ROWS: readonly FlagRow[] = [
  { on: [], name: 'raw', char: 'r', kind: 'boolean', helpGroup: '', description: '' },
  { on: [], name: 'noheadings', char: 'n', kind: 'boolean', helpGroup: '', description: '' },
  { on: [], name: 'type', char: 't', kind: 'value', helpGroup: '', description: '' },
  { on: [], name: 'output', char: 'o', kind: 'value', helpGroup: '', description: '' },
  { on: [], name: 'net', char: 'N', kind: 'optional-value', helpGroup: '', description: '' },
  { on: [], name: 'color', kind: 'boolean', negatable: true, helpGroup: '', description: '' },
]

const expand = (...words: string[]) => expandFlags(words, ROWS)

describe('expandFlags', () => {
  it.each([
    ['takes a cluster apart', ['-nr'], ['--noheadings', '--raw']],
    ['a value letter swallows the rest', ['-onNS'], ['--output', 'nNS']],
    ['a value letter ends a cluster', ['-nto', 'x'], ['--noheadings', '--type', 'o', 'x']],
    ['-t net', ['-t', 'net'], ['--type', 'net']],
    ['-tnet', ['-tnet'], ['--type', 'net']],
    ['-t=net', ['-t=net'], ['--type', 'net']],
    ['a cluster whose last letter takes the next word', ['-rt', 'net'], ['--raw', '--type', 'net']],
    ['--type net', ['--type', 'net'], ['--type', 'net']],
    ['--type=net', ['--type=net'], ['--type', 'net']],
    ['a value with =', ['--type=a=b'], ['--type', 'a=b']],
    ['an empty value', ['--type='], ['--type', '']],
    ['a value that is spelt like a flag', ['--output', '-r'], ['--output', '\0-r']],
    ['an optional value', ['--net=/x'], ['--net', '--net-from', '/x']],
    ['no optional value', ['--net', '/x'], ['--net', '/x']],
    ['a letter with an optional value', ['-N=x'], ['--net', '--net-from', 'x']],
    ['a letter with an optional path', ['-N/x'], ['--net', '--net-from', '/x']],
    ['a letter with an optional value amid a cluster', ['-Nr'], ['--net', '--raw']],
    ['a negation', ['--no-color'], ['--no-color']],
    ['arguments', ['a', '-', '-1', ''], ['a', '-', '-1', '']],
    ['what follows --', ['-n', '--', '-nr', '--', '-t'], ['--noheadings', '--', '-nr', '--', '-t']],
    ['-- as a value only with =', ['--type=--', '-r'], ['--type', '\0--', '--raw']],
  ])('%s', (_, words, args) => {
    const expansion = expand(...words)
    expect(expansion.problem).toBeUndefined()
    expect(expansion.args).toEqual(args)
  })

  it.each([
    ['an unknown flag', ['--rwa'], 'unknown-flag', 'unknown flag --rwa', 'did you mean --raw?'],
    ['an unknown letter', ['-rz'], 'unknown-flag', 'unknown flag -z', 'see nsx help'],
    ['a missing value', ['--type'], 'missing-value', '--type needs a value', undefined],
    ['a missing value before --', ['-t', '--'], 'missing-value', '-t needs a value', undefined],
    ['a value for a boolean', ['--raw=1'], 'unexpected-value', '--raw takes no value', undefined],
    ['a value for a letter', ['-n=1'], 'unexpected-value', '-n takes no value', undefined],
    [
      'a value for a negation',
      ['--no-color=1'],
      'unexpected-value',
      '--no-color takes no value',
      undefined,
    ],
  ])('reports %s', (_, words, code, message, hint) => {
    const { problem } = expand(...words)
    expect(problem?.message).toBe(message)
    expect(problem?.details).toMatchObject({ code, exitCode: 2 })
    if (hint !== undefined) expect(problem?.details.hint).toBe(hint)
  })

  it('keeps everything after -- byte for byte', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (rest) => {
        expect(expand('-nr', '--', ...rest).args).toEqual(['--noheadings', '--raw', '--', ...rest])
      }),
    )
  })

  it('hands on the value of a flag whatever it looks like', () => {
    const argument = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(argument, (value) => {
        const [flag, passed] = expand(`--type=${value}`).args
        expect([flag, unguardValue(passed ?? '')]).toEqual(['--type', value])
      }),
    )
  })

  it('never throws and passes on every argument that is no flag', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('-nr', '-t', '--', '--net=x'))),
        (words) => {
          const { args, operands } = expandFlags(words, ROWS)
          for (const at of operands) expect(args).toContain(words[at])
        },
      ),
    )
  })
})

describe('readArgv', () => {
  it.each([
    ['a command and its flags', ['list', '-Jn', 'x'], 'list', ['--json', '--noheadings', 'x']],
    [
      'flags in front of the command',
      ['-J', '--procfs', '/p', 'list', '-n'],
      'list',
      ['--json', '--procfs', '/p', '--noheadings'],
    ],
    ['no command', [], undefined, []],
    ['no command before --', ['--', 'list'], undefined, ['--', 'list']],
  ])('%s', (_, argv, command, args) => {
    expect(readArgv(argv)).toMatchObject({ command, args })
  })

  it.each([
    [['list', '-h'], { help: true, command: 'list' }],
    [['-h', 'list'], { help: true, command: 'list' }],
    [['list', '-nV'], { version: true }],
    [['list', '--', '-h', '-V', '-J'], { help: false, version: false, json: false }],
    [['list', '--bogus', '-J'], { json: true }],
    [['list', '--filter', '--json'], { json: false }],
    [['list', '--color', '--no-color'], { color: false }],
  ])('reads %j', (argv, expected) => {
    expect(readArgv(argv)).toMatchObject(expected)
  })

  it('knows that a command which does not look has no --json', () => {
    expect(readArgv(['help', '--json']).problem?.message).toBe('unknown flag --json')
  })

  it('names the help page of the command', () => {
    expect(readArgv(['list', '--zzzzzz']).problem?.details.hint).toBe('see nsx help list')
  })
})
