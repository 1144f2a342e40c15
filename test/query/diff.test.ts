import { describe, expect, it } from 'vitest'
import type { NsType } from '../../src/kernel/namespace-types.ts'
import type { ComparedSide, PairInspection } from '../../src/model/inspection.ts'
import type { Subject } from '../../src/model/subject.ts'
import { type DiffView, diffExitCode, diffView } from '../../src/query/diff.ts'
import { fixtureHost } from '../support/fixture-host.ts'
import { diffOf } from '../support/inspect.ts'

const { inspection: BASE } = await diffOf(fixtureHost('two-containers'), [1100, 1300])
const NAMES = { a: 'web', b: 'db' }

type Inums = ComparedSide['inums']
type Errnos = Subject['linkErrnos']

/** One side with these namespaces, and with these reasons for others that it lacks. */
function side(side: ComparedSide, inums: Inums, linkErrnos: Errnos = {}): ComparedSide {
  const { task } = side
  if (!task) throw new Error('no task')
  return { ...side, inums, task: { ...task, subject: { ...task.subject, linkErrnos } } }
}

function compare(a: Inums, b: Inums, errnos: { a?: Errnos; b?: Errnos } = {}): DiffView {
  const types = ['net', 'uts'] as const satisfies readonly NsType[]
  const sides = { a: side(BASE.a, a, errnos.a), b: side(BASE.b, b, errnos.b) }
  return diffView({ ...BASE, ...sides, types }, NAMES, [])
}

const [NET, UTS_A, UTS_B] = [4026532305, 4026532302, 4026532312]

describe('whether two are the same', () => {
  it.each([
    ['all is the same', { net: NET, uts: UTS_A }, { net: NET, uts: UTS_A }, {}, true, 0],
    ['one differs', { net: NET, uts: UTS_A }, { net: NET, uts: UTS_B }, {}, false, 1],
    [
      'one could not be read',
      ...[{ net: NET }, { net: NET, uts: UTS_B }, { a: { uts: 'EACCES' } }],
      ...[null, 5],
    ],
    [
      'one could not be read, but another differs',
      ...[{ uts: UTS_A }, { net: NET, uts: UTS_B }, { a: { net: 'EACCES' } }],
      ...[false, 1],
    ],
    [
      'one side has none any more',
      ...[{ net: NET }, { net: NET, uts: UTS_B }, { a: { uts: 'ENOENT' } }],
      ...[null, 5],
    ],
    [
      'the kernel has none of a type',
      ...[{ net: NET }, { net: NET }, { a: { uts: 'ENOENT' }, b: { uts: 'ENOENT' } }],
      ...[true, 0],
    ],
    [
      'neither could be read',
      ...[{ net: NET }, { net: NET }, { a: { uts: 'EACCES' }, b: { uts: 'EIO' } }],
      ...[null, 5],
    ],
  ] as const)('%s', (_, a, b, errnos, same, exitCode) => {
    const view = compare(a, b, errnos)
    const loose = { strict: false, complete: false }
    expect({ same: view.same, exitCode: diffExitCode(view, loose) }).toEqual({ same, exitCode })
    const strict = diffExitCode(view, { strict: true, complete: false })
    expect(strict).toBe(same === false ? 1 : 5)
  })
})

describe('a type that is not comparable', () => {
  it('names the side that could not be read', () => {
    const { types } = compare({ net: NET }, { net: NET, uts: UTS_B }, { a: { uts: 'EACCES' } })
    expect(types.uts).toMatchObject({ same: null, a: null, unknown: ['a'], differences: [] })
    expect(types.uts?.b?.inum).toBe(UTS_B)
  })

  it('names no side that has none', () => {
    const { types } = compare({ net: NET }, { net: NET, uts: UTS_B }, { a: { uts: 'ENOENT' } })
    expect(types.uts).toMatchObject({ same: null, a: null, unknown: [] })
  })

  it('is left out where neither has one', () => {
    const errnos = { a: { uts: 'ENOENT' }, b: { uts: 'ESRCH' } } as const
    expect(Object.keys(compare({ net: NET }, { net: NET }, errnos).types)).toEqual(['net'])
  })

  it('is not left out where only the first thread has ended: the others are somewhere', () => {
    const half = (whole: ComparedSide): ComparedSide => {
      const { task, ...rest } = side(whole, { net: NET }, { uts: 'ENOENT' })
      if (!task) throw new Error('no task')
      return { ...rest, task: { ...task, subject: { ...task.subject, state: 'Z', threads: 2 } } }
    }
    const sides = { a: half(BASE.a), b: half(BASE.b) }
    const view = diffView({ ...BASE, ...sides, types: ['net', 'uts'] }, NAMES, [])
    expect(view.types.uts).toMatchObject({ same: null, a: null, b: null, unknown: ['a', 'b'] })
    expect(view.same).toBeNull()
  })
})

describe('a type that differs', () => {
  const differing = (change: Partial<PairInspection> = {}) =>
    diffView({ ...BASE, types: ['uts'], ...change }, NAMES, []).types.uts

  it('says how the two stand to each other, and what differs inside', () => {
    expect(differing()).toMatchObject({
      ...{ same: false, a: { inum: UTS_A }, b: { inum: UTS_B }, unknown: [], lossy: [] },
      relation: { of: 'owner', kind: 'same', distance: 0, common: null },
      summary: { a: '3f2a9c0b1d4e', b: '77b1d0e2f3a4, domain example' },
    })
    expect(differing()?.differences.map(({ path }) => path)).toEqual([
      ...[['hostname'], ['domainname']],
    ])
  })

  it('has no differences where nothing of one side could be read', () => {
    expect(differing({ a: { ...BASE.a, contents: [] } })).toMatchObject({
      ...{ same: false, differences: [], unknown: ['a'] },
      summary: { a: null },
    })
  })

  it('has none in what is unknown on either side', () => {
    const contents = [
      { type: 'uts', hostname: null, domainname: null, unknown: ['hostname'], inum: UTS_A },
    ] as const
    expect(differing({ a: { ...BASE.a, contents } })).toMatchObject({
      ...{ differences: [{ path: ['domainname'] }], unknown: ['a.hostname'] },
      summary: { a: null },
    })
  })

  it('has no relation where the namespaces are not known', () => {
    expect(differing({ namespaces: [] })).toMatchObject({ same: false, relation: null })
  })

  it('names differences in which bytes were no UTF-8', () => {
    const contents = [
      { type: 'uts', hostname: '\ufffd', domainname: 'example', unknown: [], inum: UTS_A },
    ] as const
    expect(differing({ a: { ...BASE.a, contents } })?.lossy).toEqual(['differences.0.a'])
  })

  it('has one of PID namespaces that stand beside each other, by what they have in common', () => {
    const { pid } = diffView({ ...BASE, types: ['pid'] }, NAMES, []).types
    expect(pid?.relation).toEqual({
      ...{ of: 'namespace', kind: 'related', distance: null },
      common: { type: 'pid', inum: 4026531836, id: '6' },
    })
  })
})

describe('the sides', () => {
  it('are named as on the command line', () => {
    const { a, b } = diffView(BASE, NAMES, [])
    expect([a, b]).toMatchObject([
      { target: 'web', subject: { pid: 1100, container: { label: 'docker:web' } } },
      { target: 'db', subject: { pid: 1300 } },
    ])
  })

  it('have no subject where a namespace was named, of which alone the type is compared', async () => {
    const { view } = await diffOf(fixtureHost('two-containers'), [1100, `uts:[${UTS_B}]`])
    expect(view.b.subject).toBeNull()
    expect(Object.keys(view.types)).toEqual(['uts'])
    expect(view.consequences).toEqual([])
  })

  it('say what could not be told of them', () => {
    const { container: _, ...task } = BASE.a.task as NonNullable<ComparedSide['task']>
    const view = diffView({ ...BASE, a: { ...BASE.a, task } }, NAMES, [])
    expect(view.a.subject).toMatchObject({ container: null, unknown: ['container'] })
  })
})

describe('what is compared', () => {
  const host = () => fixtureHost('two-containers')

  it.each([
    ['namespaces of two types', [`uts:[${UTS_B}]`, 'ipc:[4026532303]'], undefined],
    ['a type that neither is of', [1100, `uts:[${UTS_B}]`], ['net']],
  ] as const)('cannot be %s', async (_, pair, types) => {
    await expect(diffOf(host(), pair, types)).rejects.toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ code: 'different-types', exitCode: 2 }),
      }),
    )
  })

  it('is looked into once, and only where it differs', async () => {
    const sound = host()
    const asked: string[] = []
    const inside: typeof sound.inside = (handle, questions) => {
      asked.push(`${handle.inum}`)
      return sound.inside?.(handle, questions) ?? []
    }
    await diffOf({ ...sound, inside }, [1100, 1101])
    expect(asked).toEqual([])
    await diffOf({ ...sound, inside }, [1100, 1300], ['uts', 'net'])
    expect(asked).toEqual([String(UTS_A), String(UTS_B)])
  })
})
