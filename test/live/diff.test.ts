import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import type { Relation } from '../../src/query/relation.ts'
import { type Container, startBwrap, startRunc } from './support/containers.ts'
import { type DiffDocument, diffOf, failure, showNamespace } from './support/documents.ts'
import { foreign, UID } from './support/foreign.ts'
import { heldUp } from './support/held-up.ts'
import { startInRunc } from './support/joined.ts'
import { lsnsColumns } from './support/lsns.ts'
import { requireAddon, requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { type NsxOptions, runNsx } from './support/nsx.ts'
import { reusePid } from './support/reuse-pid.ts'
import { endUnshared, inumOf, unshared } from './support/unshared.ts'
import { releaseAll } from './support/zoo.ts'

const able =
  requireRoot() &&
  requireAddon() &&
  ['cc', 'unshare', 'nsenter', 'setpriv', 'python3'].every(requireCommand)
const canContain = able && requireFile('/bin/busybox') && ['bwrap', 'runc'].every(requireCommand)

afterEach(async () => {
  await endUnshared()
  await releaseAll()
})

async function started(start: () => Promise<Container>): Promise<Container> {
  const container = await start()
  onTestFinished(() => container.stop())
  return container
}

/** The types in which two processes differ, as /proc has it. */
function differing(a: number, b: number): NsType[] {
  return NS_TYPE_NAMES.filter((type) => inumOf(a, type) !== inumOf(b, type))
}

function told({ types }: DiffDocument, same: boolean): NsType[] {
  return NS_TYPE_NAMES.filter((type) => types[type]?.same === same)
}

describe.runIf(canContain)('diff, of processes in containers', () => {
  test('finds none between two in one container of runc', async () => {
    const { id, pid } = await started(startRunc)
    const other = await startInRunc(id ?? '')
    const document = await diffOf([pid, other], 0)
    expect(document.same).toBe(true)
    expect(told(document, true)).toEqual(NS_TYPE_NAMES)
    expect(document.a.subject?.container?.label).toBe(`runc:${id}`)
    expect(document.b.subject?.container?.label).toBe(`runc:${id}`)
  })

  test('finds none between two in one sandbox of bubblewrap', async () => {
    const { pid, payload } = await started(startBwrap)
    const document = await diffOf([payload, pid], 0)
    expect(document.same).toBe(true)
    expect(told(document, true)).toEqual(NS_TYPE_NAMES)
  })

  test.each([
    ['bwrap', () => startBwrap()],
    ['runc', () => startRunc()],
    ['runc with a user namespace', () => startRunc({ rootUid: 100_000 })],
  ] as const)('tells self from one in %s', async (_what, start) => {
    const { payload } = await started(start)
    const document = await diffOf(['self', payload], 1)
    expect(document.same).toBe(false)
    expect(told(document, false)).toEqual(differing(process.pid, payload))
    expect(told(document, true)).toEqual(
      NS_TYPE_NAMES.filter((type) => !told(document, false).includes(type)),
    )
    for (const type of told(document, false)) {
      const { a, b, unknown } = document.types[type] ?? {}
      expect([type, a?.inum, b?.inum, unknown]).toEqual([
        ...[type, inumOf(process.pid, type), inumOf(payload, type), []],
      ])
    }
    expect(document.types.uts?.differences).toMatchObject(
      hostnameOf(payload) === hostnameOf(process.pid)
        ? []
        : [{ path: ['hostname'], a: hostnameOf(process.pid), b: hostnameOf(payload) }],
    )
    expect(document.consequences.length).toBeGreaterThan(5)
    const { stdout, stderr, code } = await runNsx(['diff', 'self', String(payload)])
    expect(code).toBe(1)
    expect(stderr.split('\n').length).toBeLessThan(3)
    for (const type of NS_TYPE_NAMES) expect(stdout).toMatch(new RegExp(`\\b${type}\\b`))
  })

  function hostnameOf(pid: number): string {
    const name = execFileSync('nsenter', [`--uts=/proc/${pid}/ns/uts`, 'uname', '-n'])
    return name.toString().trimEnd()
  }
})

describe.runIf(able && requireCommand('ip'))('diff, of namespaces', () => {
  const [left, right] = ['a', 'b'].map((name) => `nsx-${name}-${process.pid}`) as [string, string]

  function ip(...words: readonly string[]): void {
    execFileSync('ip', words, { stdio: 'pipe' })
  }

  /** Two of ip-netns(8), joined by a veth. */
  function joined(): void {
    onTestFinished(() => {
      for (const name of [left, right])
        if (existsSync(`/run/netns/${name}`)) ip('netns', 'del', name)
    })
    for (const name of [left, right]) ip('netns', 'add', name)
    ip('-n', left, 'link', 'add', 'to-b', 'type', 'veth', 'peer', 'to-a', 'netns', right)
  }

  function netnsInum(name: string): number {
    const text = execFileSync('stat', ['--format=%i', `/run/netns/${name}`], { encoding: 'utf8' })
    return Number(text)
  }

  test('names the ends of a veth as each other’s peers', async () => {
    joined()
    const inums = [left, right].map(netnsInum)
    for (const [a, b, turned] of [
      [left, right, false],
      [right, left, true],
    ] as const) {
      const document = await diffOf([`netns:${a}`, `netns:${b}`], 1)
      expect(Object.keys(document.types)).toEqual(['net'])
      const { differences = [], relation, unknown } = document.types.net ?? {}
      expect(unknown).toEqual([])
      expect(relation).toMatchObject({ of: 'owner', kind: 'same' })
      expect(differences.map(({ path }) => path)).toEqual([
        ['interfaces', 'to-a'],
        ['interfaces', 'to-b'],
      ])
      const ends = differences.map(({ a, b }) => a ?? b)
      expect(ends).toMatchObject([
        { kind: 'veth', peer: { name: 'to-b', namespace: { inum: inums[0] } } },
        { kind: 'veth', peer: { name: 'to-a', namespace: { inum: inums[1] } } },
      ])
      expect(differences.map((difference) => difference.a === null)).toEqual([!turned, turned])
    }
    const { stdout, code } = await runNsx(['diff', `netns:${left}`, `netns:${right}`])
    expect(code).toBe(1)
    expect(stdout).toContain(`to-a in net:[${inums[1]}]`)
    expect(stdout).toContain(`to-b in net:[${inums[0]}]`)
  })

  test('takes all names of one', async () => {
    joined()
    const [inum, other] = [left, right].map(netnsInum)
    const { namespace } = await showNamespace(`netns:${left}`)
    const names = [
      ...[`netns:${left}`, `/run/netns/${left}`, `net:[${inum}]`, `net:${inum}`, String(inum)],
      `id:${namespace.id}`,
    ]
    const whole = await diffOf([`netns:${left}`, `net:[${other}]`], 1)
    for (const name of names) {
      expect(await diffOf([name, `netns:${left}`], 0)).toMatchObject({
        ...{ same: true, a: { target: name, subject: null }, consequences: [] },
        types: { net: { same: true, a: { inum }, b: { inum } } },
      })
      const { types, same } = await diffOf([name, String(other)], 1)
      expect({ types, same }).toEqual({ types: whole.types, same: false })
    }
  })

  test('compares a process by the type of the other one alone', async () => {
    const target = await foreign('-u', '-i')
    const uts = inumOf(target.pid, 'uts')
    const document = await diffOf([process.pid, `uts:[${uts}]`], 1)
    expect(Object.keys(document.types)).toEqual(['uts'])
    expect(document.types.uts).toMatchObject({
      ...{ same: false, a: { inum: inumOf(process.pid, 'uts') }, b: { inum: uts } },
    })
    expect(document.consequences).toEqual([])
    expect((await diffOf([`uts:[${uts}]`, target.pid], 0)).same).toBe(true)
  })

  test('refuses two of different types', async () => {
    const { pid } = await foreign('-u', '-i')
    const [uts, ipc] = [`uts:[${inumOf(pid, 'uts')}]`, `ipc:[${inumOf(pid, 'ipc')}]`]
    expect(await failure(['diff', uts, ipc])).toMatchObject({
      ...{ code: 'different-types', exitCode: 2, target: ipc },
      message: expect.stringContaining(uts),
    })
  })
})

describe.runIf(able)('diff', () => {
  test('says nothing with -q but the exit code', async () => {
    const [a, b] = [await unshared('-u'), await unshared('-u')]
    const quiet = (...words: readonly (string | number)[]) =>
      runNsx(['diff', '-q', ...words.map(String)])
    const nothing = { stdout: '', stderr: '', timedOut: false }
    expect(await quiet(a.pid, b.pid)).toEqual({ ...nothing, code: 1 })
    expect(await quiet(a.pid, a.pid)).toEqual({ ...nothing, code: 0 })
    expect(await quiet(a.pid, 'self', '--type', 'net')).toEqual({ ...nothing, code: 0 })
    const strange = await quiet(a.pid, 'nobody')
    expect({ ...strange, stderr: '' }).toEqual({ ...nothing, code: 3 })
    expect(strange.stderr).not.toBe('')
  })

  test('compares the types that were asked for alone', async () => {
    const a = await unshared('-u', '-i')
    const document = await diffOf(['self', a.pid], 1, { args: ['-t', 'ipc,net'] })
    expect(Object.keys(document.types).sort()).toEqual(['ipc', 'net'])
    expect([told(document, false), told(document, true)]).toEqual([['ipc'], ['net']])
    await diffOf(['self', a.pid], 0, { args: ['-t', 'net', '-t', 'mnt'] })
  })

  test('does not call the same what an ordinary user may not look at', async () => {
    const asUser: NsxOptions = { uid: UID }
    const { pid } = await unshared('-u')
    const document = await diffOf(['self', pid], 5, asUser)
    expect(document.same).toBe(null)
    expect(document.coverage.complete).toBe(false)
    expect(Object.values(document.types).map(({ same }) => same)).toEqual(
      NS_TYPE_NAMES.map(() => null),
    )
    const { stdout, stderr, code } = await runNsx(['diff', 'self', String(pid)], asUser)
    expect(code).toBe(5)
    expect(stdout).not.toBe('')
    expect(stderr).toMatch(/^nsx: .*permission denied \(EACCES\).*\n$/)
    // One difference that can be seen is enough.
    const own = await foreign('-u')
    const seen = await diffOf([own.pid, 'self'], 1, asUser)
    expect(told(seen, false)).toEqual(['uts'])
  })

  test.each(['user', 'pid'] as const)(
    'has the relation of %s namespaces that lsns has',
    async (type) => {
      const flags = ['-U', '-r', '-p', '--fork'] as const
      const child = await unshared(...flags)
      const grandchild = await unshared(...flags, 'unshare', ...flags)
      const join = ['nsenter', '-t', String(child.pid), '-U', '-p', '--preserve-credentials']
      const nested = await unshared(...join, 'unshare', ...flags)
      const parents = new Map(
        lsnsColumns('NS', 'PNS').map(([ns, parent]) => [Number(ns), Number(parent)]),
      )
      const self = { pid: process.pid }
      const pairs = [
        [self, child, { kind: 'ancestor', distance: 1 }],
        [self, grandchild, { kind: 'ancestor', distance: 2 }],
        [nested, self, { kind: 'descendant', distance: 2 }],
        [child, nested, { kind: 'ancestor', distance: 1 }],
        [child, grandchild, { kind: 'related', distance: null }],
        [grandchild, nested, { kind: 'related', distance: null }],
      ] as const
      for (const [a, b, expected] of pairs) {
        const { relation } = (await diffOf([a.pid, b.pid], 1)).types[type] ?? {}
        const inums = [inumOf(a.pid, type), inumOf(b.pid, type)] as const
        const common = relation?.common?.inum ?? null
        expect({ ...relation, common }).toEqual({
          ...{ of: 'namespace', ...relationTold(parents, ...inums) },
        })
        expect(relation).toMatchObject(expected)
      }
    },
  )

  function relationTold(
    parents: ReadonlyMap<number, number>,
    a: number,
    b: number,
  ): Omit<Relation, 'of'> {
    const up = (from: number): number[] => (from > 0 ? [from, ...up(parents.get(from) ?? 0)] : [])
    const [ofA, ofB] = [up(a), up(b)]
    if (ofB.includes(a)) return { kind: 'ancestor', distance: ofB.indexOf(a), common: null }
    if (ofA.includes(b)) return { kind: 'descendant', distance: ofA.indexOf(b), common: null }
    return { kind: 'related', distance: null, common: ofA.find((one) => ofB.includes(one)) ?? 0 }
  }
})

describe.runIf(able && requireCommand('strace'))(
  'a process that ends while it is looked at',
  () => {
    const POINTS = [
      ['show', 'openat', (pid: number) => `/proc/${pid}/status`],
      ['show', 'getdents64', () => '/proc'],
      ['show', 'openat', (pid: number) => `/proc/${pid}/uid_map`],
      ['diff self', 'openat', (pid: number) => `/proc/${pid}/status`],
      ['diff self', 'openat', (pid: number) => `/proc/${pid}/cgroup`],
      ['diff self', 'openat', (pid: number) => `/proc/${pid}/uid_map`],
    ] as const

    test.each(POINTS)('is an error of %s (%s)', async (command, call, path) => {
      const target = await unshared('-u', '-n', '-m', '-U')
      const words = [...command.split(' '), String(target.pid), '--json']
      const result = await heldUp(words, { call, path: path(target.pid), nth: 1 }, () =>
        target.end(),
      )
      expectGone(result, target.pid)
    })

    test.each(POINTS)('is no other one that has its pid (%s, %s)', async (command, call, path) => {
      const target = await unshared('-u', '-n', '-m', '-U')
      const words = [...command.split(' '), String(target.pid), '--json']
      const result = await heldUp(words, { call, path: path(target.pid), nth: 1 }, async () => {
        await target.end()
        await reusePid(target.pid)
      })
      expectGone(result, target.pid)
    })

    function expectGone({ stdout, stderr, code }: Awaited<ReturnType<typeof runNsx>>, pid: number) {
      expect({ stderr, code }).toEqual({ stderr: '', code: 3 })
      const { error } = JSON.parse(stdout)
      expect(error).toMatchObject({ code: 'no-such-process', target: String(pid) })
      expect(error.message).toMatch(
        new RegExp(
          `^(there is no process ${pid}|process ${pid} has ended while it was looked at)$`,
        ),
      )
    }
  },
)
