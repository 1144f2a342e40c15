import { describe, expect, it } from 'vitest'
import { hasTerminal } from '../../src/kernel/controlling-terminal.ts'
import { parseEnviron, variableOf } from '../../src/kernel/environ.ts'
import { parseContext, parseProfile } from '../../src/kernel/security-label.ts'

describe('parseEnviron', () => {
  it('keeps every byte of each NAME=value, and nothing else', () => {
    const bytes = Buffer.from('A=1\0B=\xff\n\0\0=no\0nothing\0C=', 'latin1')
    expect(parseEnviron(bytes)).toEqual(['A=1', 'B=\xff\n', 'C='])
  })

  it('the first of two of one name counts', () => {
    expect(variableOf(['AB=0', 'A=1', 'A=2'], 'A')).toBe('1')
    expect(variableOf(['AB=0'], 'A')).toBeNull()
  })
})

it.each([
  ['7 (x) S 1 7 7 34816 7 0', true],
  ['7 (x) S 1 7 7 -2147483648 7 0', true],
  ['7 (x) S 1 7 7 0 -1 0', false],
  ['7 (a) S 1 2 3 4) S 1 7 7 0 -1 0', false],
  ['', false],
])('of %j it is %s that there is a terminal', (text, terminal) => {
  expect(hasTerminal(Buffer.from(text))).toBe(terminal)
})

describe('a label', () => {
  it.each([
    ['docker-default (enforce)\n', 'docker-default'],
    ['/usr/bin/a b (complain)\n', '/usr/bin/a b'],
    ['unconfined\n', null],
    ['', null],
  ])('of AppArmor, %j, is %s', (text, name) => {
    expect(parseProfile(text)).toEqual(name === null ? null : { module: 'apparmor', name })
  })

  it.each([
    ['system_u:system_r:container_t:s0:c1,c2\0', 'system_u:system_r:container_t:s0:c1,c2'],
    ['unconfined\n', null],
  ])('of SELinux, %j, is %s', (text, name) => {
    expect(parseContext(text)).toEqual(name === null ? null : { module: 'selinux', name })
  })
})
