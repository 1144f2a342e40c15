import { describe, expect, it } from 'vitest'
import { fixtureCli, nsx } from './run-cli.ts'

describe('an error', () => {
  it('is a message and a hint on stderr, with its exit code', () => {
    expect(fixtureCli(['refused'])).toMatchObject({
      stdout: '',
      stderr: 'nsx: cannot open net:[1] of 7: permission denied (EACCES)\n  try root\n',
      status: 4,
    })
  })

  it('is one document on stdout and nothing else under --json', () => {
    const { stdout, stderr, status } = fixtureCli(['refused', '--json'])
    expect(JSON.parse(stdout)).toEqual({
      schema: 'nsx.error/1',
      command: 'refused',
      error: {
        code: 'permission',
        message: 'cannot open net:[1] of 7: permission denied (EACCES)',
        hint: 'try root',
        target: '7',
        errno: 'EACCES',
        exitCode: 4,
      },
    })
    expect({ stderr, status }).toEqual({ stderr: '', status: 4 })
  })

  it.each([['buggy'], ['late']])('of ours (%s) says so and asks for DEBUG', (command) => {
    const { stdout, stderr, status } = fixtureCli([command])
    expect(stderr).toMatch(/^nsx: internal error: .*\n {2}.*DEBUG=1.*\n$/)
    expect({ stdout, status }).toEqual({ stdout: '', status: 70 })
  })

  it('has a stack with DEBUG only', () => {
    const { stderr } = fixtureCli(['buggy'], { DEBUG: '1' })
    expect(stderr).toMatch(/^TypeError: x is not a function\n {4}at .*fixture-cli\.mjs/)
    expect(stderr).toMatch(/\nnsx: internal error: x is not a function\n/)
  })
})

describe('a mistake on the command line', () => {
  it.each([
    ['an unknown command', ['lst'], 'unknown command lst', 'did you mean list?'],
    ['a command like nothing', ['frobnicate'], 'unknown command frobnicate', 'see nsx help'],
    ['a name every object has', ['constructor'], 'unknown command constructor', 'see nsx help'],
    ['an unknown flag', ['list', '--jsno'], 'unknown flag --jsno', 'did you mean --json?'],
    [
      'a flag like nothing',
      ['list', '--frobnicate'],
      'unknown flag --frobnicate',
      'see nsx help list',
    ],
    ['an unknown letter', ['list', '-nz'], 'unknown flag -z', 'see nsx help list'],
    ['a missing value', ['list', '--sort'], '--sort needs a value', 'see nsx help list'],
    [
      'a repeated flag',
      ['list', '-p1', '-p', '2'],
      'flag --task can only be specified once',
      'see nsx help list',
    ],
    ['a superfluous argument', ['help', 'list', 'x'], 'unexpected argument x', 'see nsx help help'],
    [
      'an unknown topic',
      ['help', 'namespace'],
      'no help on namespace: there is caps, completion, diff, doctor, enter, gid, help, limits, list, matrix, pid, run, show, tree, uid, why, namespaces, targets, exit-codes',
      'did you mean namespaces?',
    ],
    ['a flag without a command', ['--', 'list'], 'no command given', 'see nsx help'],
  ])('%s', (_, args, message, hint) => {
    expect(nsx(args)).toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(`^nsx: ${message}.*\n  ${hint.replaceAll('?', '\\?')}\n$`),
      status: 2,
    })
  })

  it.each([
    [['bogus', '-J'], 'bogus'],
    [['list', '--bogus', '-J'], 'list'],
    [['-J'], null],
  ])('%j is a document under --json', (args, command) => {
    const { stdout, stderr, status } = nsx(args)
    expect(JSON.parse(stdout)).toMatchObject({ command, error: { exitCode: 2 } })
    expect({ stderr, status }).toEqual({ stderr: '', status: 2 })
  })

  it.each([
    [['enter'], 'TARGET is missing'],
    [['enter', '--nett', 'web'], 'unknown flag --nett'],
    [['enter', 'web', '-S'], '-S needs a value'],
    [['enter', 'web', '-S', 'x'], '--setuid x: that is not an id'],
    [['enter', 'web', '-S1', '-S2'], 'flag --setuid can only be specified once'],
    [['enter', '--net=/x', 'web', '--', 'ip'], 'web could be the target or the command'],
    [['run', '--no-init', 'sh'], '--no-init needs --pid'],
    [['run', '--map-user', 'no such user', 'sh'], '--map-user no such user'],
  ])('of enter and run exits with 125: %j', (args, message) => {
    const { stdout, stderr, status } = nsx(args)
    expect(stderr).toMatch(`nsx: ${message}`)
    expect({ stdout, status }).toEqual({ stdout: '', status: 125 })
  })

  it('of enter is a document under --json, but not where --json is a word of the command', () => {
    const { stdout, status } = nsx(['enter', 'self', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'enter',
      error: { code: 'json-without-plan', exitCode: 125 },
    })
    expect(status).toBe(125)
    expect(nsx(['enter', '--all', '--', 'x', '--json']).stdout).toBe('')
  })

  it('never asks, whatever is on standard input', () => {
    expect(nsx(['lst'])).toMatchObject({ status: 2, stdout: '' })
  })
})

describe('an answer', () => {
  it('is text, then notes on stderr, then the exit code', () => {
    expect(fixtureCli(['fine'])).toMatchObject({
      stdout: 'fine\n',
      stderr: 'nsx: one \\x1b gap\n',
      status: 5,
    })
  })

  it('is one document under --json, with nothing in it that acts on a terminal', () => {
    const { stdout, stderr } = fixtureCli(['fine', '-J'])
    expect(stdout).toBe('{\n  "schema": "nsx.fine/1",\n  "text": "fine\\u202e"\n}\n')
    expect(stderr).toBe('')
  })
})
