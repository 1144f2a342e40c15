import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import {
  checkTargets,
  parseNsTarget,
  resolveTargets,
  selectTargets,
} from '../../src/query/targets.ts'
import { ask } from '../support/ask.ts'
import { fixtureHost } from '../support/fixture-host.ts'

describe('parseNsTarget', () => {
  it.each([
    ['net:[4026531840]', { kind: 'inum', inum: 4026531840, type: 'net' }],
    ['net:4026531840', { kind: 'inum', inum: 4026531840, type: 'net' }],
    ['4026531840', { kind: 'inum', inum: 4026531840, type: null }],
    ['4294967295', { kind: 'inum', inum: 4294967295, type: null }],
    ['4194305', { kind: 'inum', inum: 4194305, type: null }],
    ['id:7353', { kind: 'id', id: '7353' }],
    ['id:0007353', { kind: 'id', id: '7353' }],
    ['id:18446744073709551615', { kind: 'id', id: '18446744073709551615' }],
    ['netns:blue', { kind: 'path', path: '/run/netns/blue' }],
    ['/proc/1/ns/net', { kind: 'path', path: '/proc/1/ns/net' }],
    ['./ns', { kind: 'path', path: './ns' }],
    ['net:/x', { kind: 'path', path: 'net:/x' }],
  ])('reads %j', (text, target) => {
    expect(parseNsTarget(text)).toEqual({ text, ...target })
  })

  it.each([
    ['', /write net:/],
    [' ', /write net:/],
    ['0', /write net:/],
    ['-1', /write net:/],
    ['1234', /--task 1234/],
    ['4194304', /--task 4194304/],
    ['4294967296', /write net:|--task/],
    ['99999999999', /write net:/],
    ['4026531840x', /write net:/],
    ['0x10', /write net:/],
    ['4026531840\n', /write net:/],
    ['net', /write net:/],
    ['net:', /write net:/],
    ['net:blue', /write net:/],
    ['net:1234', /write net:/],
    ['net:[]', /write net:/],
    ['net:[4026531840', /write net:/],
    ['foo:4026531840', /'foo' is no namespace type/],
    ['NET:4026531840', /write net:/],
    ['id:', /write net:/],
    ['id:-7', /write net:/],
    ['id:7x', /write net:/],
    ['id:184467440737095516150', /write net:/],
    ['netns:', /write net:/],
    ['web', /a container\? its namespaces: nsx list --task web/],
    ['docker:web', /nsx list --task docker:web/],
    ['7@web', /nsx list --task 7@web/],
  ])('refuses %j and says what would work', (text, hint) => {
    expect(() => parseNsTarget(text)).toThrow(
      expect.objectContaining({
        message: `'${text}' does not name a namespace`,
        details: expect.objectContaining({
          ...{ code: 'bad-namespace', exitCode: 2, target: text },
          hint: expect.stringMatching(hint),
        }),
      }),
    )
  })
})

describe('selectTargets', () => {
  it('means everything where nothing is named', () => {
    expect(selectTargets([])).toBeNull()
  })

  it('resolves the paths, and those alone', () => {
    const targets = ['/a/b', '4026531840', 'id:5', 'netns:x'].map(parseNsTarget)
    const paths: string[] = []
    const only = selectTargets(resolveTargets(targets, (path) => paths.push(path)))
    expect(paths).toEqual(['/a/b', '/run/netns/x'])
    expect(only).toEqual({ inums: new Set([1, 4026531840, 2]), ids: new Set(['5']) })
  })
})

describe('checkTargets', () => {
  const { snapshot } = ask(fixtureHost('pinned-net'))
  const check = (text: string, of = snapshot) =>
    checkTargets(
      resolveTargets([parseNsTarget(text)], () => 4026532401),
      of,
      new Set(NS_TYPE_NAMES),
    )

  it.each(['4026532401', 'net:[4026532401]', 'net:4026532401', 'id:7401', '/a/path'])(
    'finds %s',
    (text) => {
      expect(() => check(text)).not.toThrow()
    },
  )

  const missing = (hint: RegExp | string) =>
    expect.objectContaining({
      details: expect.objectContaining({
        ...{ code: 'no-such-namespace', exitCode: 3 },
        hint: expect.stringMatching(hint),
      }),
    })

  it('says so where a path leads to a namespace that nothing was found to hold', () => {
    const targets = resolveTargets([parseNsTarget('/a/path')], () => 4026531999)
    expect(() => checkTargets(targets, snapshot, new Set(NS_TYPE_NAMES))).toThrow(
      missing(/what is not looked for/),
    )
  })

  it('refuses one of a type that was left out', () => {
    const targets = resolveTargets([parseNsTarget('net:[4026532401]')], () => 0)
    expect(() => checkTargets(targets, snapshot, new Set(['uts']))).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/of type net, which --type leaves out/),
        details: expect.objectContaining({ exitCode: 2 }),
      }),
    )
  })

  it('says which type the namespace is of', () => {
    expect(() => check('uts:4026532401')).toThrow(missing(/4026532401 is net:\[4026532401\]/))
  })

  it('says that it may have been out of sight', () => {
    expect(() => check('4026539999')).toThrow(missing(/not everything could be read/))
    const { snapshot: whole } = ask(fixtureHost('two-containers'))
    expect(() => check('4026539999', whole)).toThrow(missing(/may have ended/))
  })

  it('says that there are no ids before Linux 6.18', () => {
    const old = { ...snapshot, namespaces: snapshot.namespaces.map((ns) => ({ ...ns, id: null })) }
    expect(() => check('id:7', old)).toThrow(missing(/no namespace ids/))
  })
})
