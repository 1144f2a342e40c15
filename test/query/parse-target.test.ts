import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { FAMILY_WORDS, parseTarget } from '../../src/query/parse-target.ts'

const container = (text: string, family: string | null, name: string) => ({
  ...{ kind: 'container', text, family, name },
})

describe('parseTarget', () => {
  it.each([
    ['1', { kind: 'process', pid: 1 }],
    ['0012', { kind: 'process', pid: 12 }],
    ['4194304', { kind: 'process', pid: 4194304 }],
    ['4194305', { kind: 'inum', inum: 4194305, type: null }],
    ['4026532281', { kind: 'inum', inum: 4026532281, type: null }],
    ['self', { kind: 'process', pid: 'self' }],
    ['net:[4026532281]', { kind: 'inum', inum: 4026532281, type: 'net' }],
    ['net:4026532281', { kind: 'inum', inum: 4026532281, type: 'net' }],
    ['id:7353', { kind: 'id', id: '7353' }],
    ['id:18446744073709551615', { kind: 'id', id: '18446744073709551615' }],
    ['netns:blue', { kind: 'path', path: '/run/netns/blue' }],
    ['/proc/1/ns/net', { kind: 'path', path: '/proc/1/ns/net' }],
    ['./web', { kind: 'path', path: './web' }],
    ['a/b', { kind: 'path', path: 'a/b' }],
    // Only a family of ours makes a name of what holds a `/`.
    ['foo:a/b', { kind: 'path', path: 'foo:a/b' }],
    ['net:/x', { kind: 'path', path: 'net:/x' }],
    ['docker:/x', { kind: 'path', path: 'docker:/x' }],
    ['./docker:a/b', { kind: 'path', path: './docker:a/b' }],
    ['web', { kind: 'container', family: null, name: 'web' }],
    ['3f2a9c', { kind: 'container', family: null, name: '3f2a9c' }],
    ['4026531840x', { kind: 'container', family: null, name: '4026531840x' }],
    ['nginx.service', { kind: 'container', family: null, name: 'nginx.service' }],
    ['net', { kind: 'container', family: null, name: 'net' }],
    ['my box', { kind: 'container', family: null, name: 'my box' }],
    ['bücher', { kind: 'container', family: null, name: 'bücher' }],
    ['Web:1', { kind: 'container', family: null, name: 'Web:1' }],
    ['docker:web', { kind: 'container', family: 'docker', name: 'web' }],
    ['docker:123456', { kind: 'container', family: 'docker', name: '123456' }],
    ['docker:self', { kind: 'container', family: 'docker', name: 'self' }],
    ['unit:nginx.service', { kind: 'container', family: 'unit', name: 'nginx.service' }],
    ['unit:getty@tty1.service', { kind: 'container', family: 'unit', name: 'getty@tty1.service' }],
    ['dokcer:web', { kind: 'container', family: 'dokcer', name: 'web' }],
    ['machine:box/docker:web', { kind: 'container', family: 'machine', name: 'box/docker:web' }],
    ['7@web', { kind: 'inner', pid: 7, container: container('web', null, 'web') }],
    ['7@docker:12', { kind: 'inner', pid: 7, container: container('docker:12', 'docker', '12') }],
    ['7@unit:a@b', { kind: 'inner', pid: 7, container: container('unit:a@b', 'unit', 'a@b') }],
    [
      '1@machine:box/docker:web',
      {
        ...{ kind: 'inner', pid: 1 },
        container: container('machine:box/docker:web', 'machine', 'box/docker:web'),
      },
    ],
    ['x@web', { kind: 'container', family: null, name: 'x@web' }],
  ])('reads %j', (text, target) => {
    expect(parseTarget(text)).toEqual({ text, ...target })
  })

  it.each([
    ...['', ' ', '0', '-1', '-x', '4294967296', '99999999999', '184467440737095516150'],
    ...['net:', 'net:blue', 'net:1234', 'net:[]', 'user:root', 'id:', 'id:x', 'id:-7', 'netns:'],
    ...[
      ':web',
      'docker:',
      'web\n',
      '\u001b[2J',
      'a\0b',
      'docker:a\tb',
      ' web',
      'web ',
      'we\u202eb',
    ],
  ])('refuses %j', (text) => {
    expect(() => parseTarget(text)).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ code: 'bad-target', exitCode: 2, target: text }),
      }),
    )
  })

  it('has no family with the name of a namespace type', () => {
    expect(NS_TYPE_NAMES.filter((type) => FAMILY_WORDS.has(type))).toEqual([])
  })

  it('reads or refuses anything, and keeps its text', () => {
    const pieces = fc.constantFrom(
      '7',
      '@',
      ':',
      '/',
      'docker',
      'net',
      '[',
      ']',
      'web',
      'self',
      ' ',
    )
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        try {
          expect(parseTarget(text).text).toBe(text)
        } catch (error) {
          expect(error).toMatchObject({ details: { code: 'bad-target' } })
        }
      }),
    )
  })
})
