import { describe, expect, it } from 'vitest'
import { cgroupContents } from '../../src/contents/cgroup.ts'
import type { Answers } from '../../src/contents/contents.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const UNFROZEN: Answers = { events: bytes('populated 1\nfrozen 0\n'), state: null }

describe('the root of a cgroup namespace', () => {
  it.each([
    ['is the whole path of a process in it', '/docker/a', '/', '/docker/a'],
    ['is what a path below it has before', '/docker/a/init.scope', '/init.scope', '/docker/a'],
    ['is that of the reader', '/user.slice', '/user.slice', '/'],
    ['is the root for a process there', '/', '/', '/'],
    ['is not told by a process above', '/', '/../..', null],
    ['is not told by a process beside', '/docker/b', '/../b', null],
    ['is not told where it changed between two looks', '/docker/b', '/c', null],
  ])('%s', (_, outside, inside, root) => {
    const contents = cgroupContents.parse({
      ...UNFROZEN,
      outside: bytes(`0::${outside}\n`),
      inside: bytes(`0::${inside}\n`),
    })
    expect(contents.root).toBe(root)
    expect(contents.cgroups).toEqual([
      { hierarchy: 0, controllers: [], path: outside, inside, root },
    ])
    expect(contents.unknown).toEqual(root === null ? ['root', 'cgroups.root'] : [])
  })

  it('is that of cgroup2, where there are several', () => {
    const contents = cgroupContents.parse({
      ...UNFROZEN,
      outside: bytes('9:name=systemd:/s\n2:cpu:/a\n0::/b\n'),
      inside: bytes('8:name=systemd:/\n2:cpu:/\n0::/\n'),
    })
    expect(contents.root).toBe('/b')
    expect(contents.cgroups.map(({ root }) => root)).toEqual(['/s', '/a', '/b'])
    expect(cgroupContents.summarise(contents)).toBe('root /b')
  })
})

describe('a cgroup namespace that cannot be entered', () => {
  const contents = cgroupContents.parse({ ...UNFROZEN, outside: bytes('0::/a\n'), inside: 'EPERM' })

  it('tells where the process is, and what is not known', () => {
    expect(contents.unknown).toEqual(['root', 'cgroups.inside', 'cgroups.root'])
    expect(cgroupContents.summarise(contents)).toBe('/a')
  })

  it('is compared by where the process is', () => {
    const other = cgroupContents.parse({
      ...UNFROZEN,
      outside: bytes('0::/b\n'),
      inside: bytes('0::/\n'),
    })
    expect(cgroupContents.compare(contents, other)).toEqual([
      { path: ['cgroups', 'cgroup2', 'path'], a: '/a', b: '/b' },
    ])
  })
})

describe('two places in cgroups', () => {
  const contents = ([outside, inside]: readonly [string, string]) =>
    cgroupContents.parse({
      ...UNFROZEN,
      outside: bytes(`0::${outside}\n`),
      inside: bytes(`0::${inside}\n`),
    })

  it.each([
    ['another root', ['/a', '/'], ['/b', '/'], ['root']],
    ['another root above of the same cgroup', ['/a/x', '/x'], ['/a/x', '/'], ['root']],
    ['another cgroup below of the same root', ['/a/x', '/x'], ['/a/y', '/y'], ['inside']],
    ['another root and another place below', ['/a/x', '/x'], ['/b', '/'], ['root', 'inside']],
    ['nothing', ['/a/x', '/x'], ['/a/x', '/x'], []],
  ] as const)('differ in %s', (_, a, b, fields) => {
    const differences = cgroupContents.compare(contents(a), contents(b))
    expect(differences.map(({ path }) => path)).toEqual(
      fields.map((field) => ['cgroups', 'cgroup2', field]),
    )
  })
})

describe('whether it is frozen', () => {
  it.each<[string, Answers, boolean | null]>([
    ['cgroup2 says so', { events: bytes('populated 1\nfrozen 1\n'), state: null }, true],
    ['cgroup2 says no', UNFROZEN, false],
    ['the root of cgroup2 cannot be', { events: 'ENOENT', state: null }, false],
    ['version 1 says so', { events: 'ENOENT', state: bytes('FROZEN\n') }, true],
    ['version 1 is about to', { events: null, state: bytes('FREEZING\n') }, true],
    ['version 1 says no', { events: 'ENOENT', state: bytes('THAWED\n') }, false],
    ['one of two could not be read', { events: 'EACCES', state: bytes('THAWED\n') }, null],
    ['one of two is enough', { events: 'EACCES', state: bytes('FROZEN\n') }, true],
    ['there is nothing to ask', { events: null, state: null }, null],
  ])('%s', (_, answers, frozen) => {
    const paths = { outside: bytes('0::/a\n'), inside: bytes('0::/\n') }
    const contents = cgroupContents.parse({ ...paths, ...answers })
    expect(contents.frozen).toBe(frozen)
    expect(contents.unknown.includes('frozen')).toBe(frozen === null)
    expect(cgroupContents.summarise(contents)).toBe(frozen ? 'root /a, frozen' : 'root /a')
  })
})
