import { describe, expect, it } from 'vitest'
import { readArgv } from '../../src/cli/argv.ts'
import { failureDocument, failureOf, failureText } from '../../src/cli/failure.ts'
import { NsxError } from '../../src/errors.ts'

const refused = new NsxError('cannot read net:[1] of 7: permission denied', {
  code: 'permission',
  exitCode: 4,
  hint: 'try root',
  target: '7',
  errno: 'EACCES',
})

describe('failureOf', () => {
  it('takes an NsxError as it is', () => {
    expect(failureOf(refused, 'list')).toEqual({
      code: 'permission',
      message: 'cannot read net:[1] of 7: permission denied',
      hint: 'try root',
      target: '7',
      errno: 'EACCES',
      exitCode: 4,
    })
  })

  it.each([
    [new TypeError('x is not a function'), 'internal error: x is not a function'],
    ['thrown text', 'internal error: thrown text'],
  ])('takes %s for a bug', (thrown, message) => {
    expect(failureOf(thrown, 'list')).toMatchObject({ code: 'internal', message, exitCode: 70 })
  })

  it.each([
    [{ message: 'Unexpected argument: x\nSee', args: ['x'] }, 'unexpected argument x'],
    [{ message: 'Missing 1 required arg', args: [{ name: 'target' }] }, 'TARGET is missing'],
    [
      { message: 'Flag --sort can only be specified once' },
      'flag --sort can only be specified once',
    ],
    [{ message: 'Expected --x=\0-y to be one of: a\nSee' }, 'expected --x=-y to be one of: a'],
  ])("takes the parser's %j for a mistake on the command line", (properties, message) => {
    const error = Object.assign(new Error(properties.message), { oclif: { exit: 2 } }, properties)
    expect(failureOf(error, 'list')).toMatchObject({
      message,
      exitCode: 2,
      hint: 'see nsx help list',
    })
  })
})

describe('the exit code of a failure of enter or run', () => {
  const thrown = [refused, new TypeError('x'), new NsxError('no', { code: 'usage', exitCode: 2 })]

  it.each(['enter', 'run'])('is 125, whatever failed: %s', (command) => {
    for (const error of thrown) expect(failureOf(error, command).exitCode).toBe(125)
  })

  it('is its own for every other command', () => {
    expect(thrown.map((error) => failureOf(error, 'show').exitCode)).toEqual([4, 70, 2])
    expect(failureOf(refused, undefined).exitCode).toBe(4)
  })
})

describe('failureText', () => {
  it('is the message and the hint', () => {
    expect(failureText(failureOf(refused, 'list'))).toBe(
      'nsx: cannot read net:[1] of 7: permission denied\n  try root\n',
    )
  })

  it('shows what could act on a terminal', () => {
    const error = new NsxError('no \x1b[31mred\nline', { code: 'x', exitCode: 3 })
    expect(failureText(failureOf(error, 'list'))).toBe('nsx: no \\x1b[31mred\\nline\n')
  })
})

describe('failureDocument', () => {
  it('has every field, null where there is nothing to say', () => {
    const error = new NsxError('no', { code: 'x', exitCode: 3 })
    expect(JSON.parse(failureDocument(failureOf(error, 'list'), readArgv(['list', '-J'])))).toEqual(
      {
        schema: 'nsx.error/1',
        command: 'list',
        error: { code: 'x', message: 'no', hint: null, target: null, errno: null, exitCode: 3 },
      },
    )
  })
})
