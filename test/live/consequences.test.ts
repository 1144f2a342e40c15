import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPair } from '../../src/collect/relations.ts'
import { readSubject } from '../../src/collect/subject.ts'
import { openHost } from '../../src/host/open.ts'
import type { Pair } from '../../src/model/pair.ts'
import { OVERFLOW_ID } from '../../src/query/capable.ts'
import { type Consequence, consequencesOf } from '../../src/query/consequences.ts'
import { PROJECT } from './support/children.ts'
import { requireCommand, requireRoot } from './support/needs.ts'
import { type Outcome, type Probers, startProbers } from './support/pairs.ts'
import { tellPairs } from './support/tell-pairs.ts'

const { host } = openHost(PROJECT, undefined)
const canTry = requireRoot() && ['cc', 'bwrap', 'runc'].every((command) => requireCommand(command))

/** Capabilities by number: 5 CAP_KILL, 19 CAP_SYS_PTRACE, -1 all. See test/live/zoo/pairs.c. */
const SPECS = [
  ...['user:0:100000:65536', 'join:user:0', 'join:user:0 drop:-1', 'join:user:0 uid:33'],
  ...[
    'join:user:0 user',
    'join:user:0 uid:33 user',
    'join:user:0 pid',
    'join:user:0 user:0:0:9 net',
  ],
  ...['', 'uid:12345', 'uid:12345 nnp', 'uid:12346', 'gid:12345', 'ids:12345:12346:12347'],
  ...['drop:-1', 'drop:5', 'drop:19', 'keep:12345', 'keep:12345 lower', 'lower'],
  ...['undumpable', 'uid:12345 undumpable', 'undumpable drop:-1'],
  ...['net', 'ipc', 'uts', 'pid', 'cgroup', 'time', 'mnt', 'mnt private', 'mnt slave'],
  ...['user', 'uid:12345 user', 'pid pid'],
  ...['user:0:100000:65536 mnt net pid uts ipc time', 'user:0:100000:65536 user:0:0:1000 pid'],
  ...['uid:12345 user undumpable', 'user undumpable', 'uid:12345 user drop:-1'],
  ...['user:0:100000:65536 uid:33', 'user:0:100000:65536 drop:-1', 'uid:100000', 'net ipc uts pid'],
  ...['user:0:100000:65536 user:0:0:1000', 'pid pid pid', 'ids:0:12345:0', 'gid:12345 keep:12345'],
  ...['bwrap', 'runc', 'runc:200000'],
]

interface Tried {
  readonly what: string
  readonly pair: Pair
  readonly told: readonly Consequence[]
  readonly there: Outcome
  /** The same, tried by B on A. */
  readonly back: Outcome
}

/** What each rule's sentence must be equal to; null: it could not be tried. */
const ORACLES: Readonly<Record<string, (tried: Tried) => boolean | null>> = {
  see: ({ there }) => there.see !== 0,
  'be-seen': ({ back }) => back.see !== 0,
  signal: ({ there }) => there.signal === 1,
  'be-signalled': ({ back }) => back.signal === 1,
  trace: ({ there }) => there.trace === 1,
  'be-traced': ({ back }) => back.trace === 1,
  localhost: ({ there }) => there.localhost === 1,
  'abstract-sockets': ({ there }) => there.abstract === 1,
  'sysv-ipc': ({ there }) => there.sysv === 1,
  'message-queues': ({ there }) => there.queue === 1,
  hostname: ({ there }) => there.host === 1,
  'posix-shm': ({ there }) => (there.shm < 0 ? null : there.shm === 1),
  mounts: ({ there }) => (there.mount < 0 ? null : there.mount === 1),
  'mounts-back': ({ back }) => (back.mount < 0 ? null : back.mount === 1),
  clocks: ({ there }) => there.clock === 1,
}

describe.runIf(canTry)('what follows for two tasks', () => {
  let probers: Probers
  let all: Tried[]

  beforeAll(async () => {
    probers = await startProbers(SPECS)
    const subjects = probers.pids.map((pid) => readSubject(host, pid))
    const outcomes = await probers.tryAll()
    const outcomeOf = (a: number, b: number) =>
      outcomes.find((outcome) => outcome.a === a && outcome.b === b) as Outcome
    all = subjects.flatMap((a, i) =>
      subjects.flatMap((b, j) => {
        if (i === j) return []
        const { pair, unread } = readPair(host, [a, b])
        expect(unread).toEqual([])
        return {
          what: `${JSON.stringify(SPECS[i])} and ${JSON.stringify(SPECS[j])}`,
          ...{ pair, told: consequencesOf(pair), there: outcomeOf(i, j), back: outcomeOf(j, i) },
        }
      }),
    )
  })

  afterAll(() => probers?.stop())

  test.each(Object.entries(ORACLES))('%s is what the kernel does', (rule, oracle) => {
    const wrong: string[] = []
    const seen = new Set<boolean>()
    for (const tried of all) {
      const { holds = null, text } = tried.told.find((one) => one.rule === rule) ?? {}
      const truth = oracle(tried)
      if (truth === null || holds === null) continue
      seen.add(truth)
      if (holds !== truth) wrong.push(`${tried.what}: ${text}`)
    }
    expect(wrong).toEqual([])
    // Both answers were among them, or the test has shown nothing.
    expect(seen).toEqual(new Set([true, false]))
  })

  test('the pid and the uid that a sentence names are those that A sees', () => {
    for (const { what, told, there } of all) {
      const textOf = (rule: string) => told.find((one) => one.rule === rule)?.text
      if (there.see !== 0) expect(textOf('see'), what).toContain(` as pid ${there.see}:`)
      const uid = there.uid === OVERFLOW_ID ? `${OVERFLOW_ID} (nobody)` : `uid ${there.uid} to A`
      expect(textOf('uids'), what).toContain(uid)
    }
  })

  test('little is left untold, and only where dumpability decides', () => {
    const told = all.flatMap((tried) => tried.told.map((one) => ({ ...one, what: tried.what })))
    const untold = told.filter(({ holds }) => holds === null)
    expect(new Set(untold.map(({ rule }) => rule))).toEqual(new Set(['trace', 'be-traced']))
    for (const { text } of untold)
      expect(text).toMatch(/: only as long as [AB] is dumpable|: it depends on the user namespace/)
    expect(untold.length / told.length).toBeLessThan(0.02)
  })

  test.each([
    ['uid:12345', 'uid:12345 nnp', true],
    ['uid:12345', 'uid:12345 undumpable', false],
    ['uid:12345', 'user undumpable', false],
    ['keep:12345', 'uid:12345 undumpable', true],
  ])('%s that may trace %s: %s, and no doubt', (a, b, holds) => {
    const tried = all.find(({ there }) => SPECS[there.a] === a && SPECS[there.b] === b)
    expect(tried?.told.find(({ rule }) => rule === 'trace')?.holds).toBe(holds)
  })

  test('the same is told of A and B the other way round', () => {
    const REVERSE = [
      ['see', 'be-seen'],
      ['signal', 'be-signalled'],
      ['trace', 'be-traced'],
    ] as const
    const holdsOf = (told: readonly Consequence[], rule: string) =>
      told.find((one) => one.rule === rule)?.holds
    for (const { pair, told } of all) {
      const back = consequencesOf({ ...pair, a: pair.b, b: pair.a })
      for (const [there, other] of REVERSE) expect(holdsOf(told, there)).toBe(holdsOf(back, other))
    }
  })

  const UNSHARE = ['unshare']
  const AS_USER = ['setpriv', '--reuid', '12345', '--regid', '12345', '--clear-groups']
  test.each([
    ['an ordinary user', 0.8, () => AS_USER],
    ['root of a user namespace', 0.9, () => [...UNSHARE, '--user', '--map-root-user']],
    ['an ordinary user as such a root', 0.9, () => [...AS_USER, ...UNSHARE, '--user', '-r']],
    [
      'root of the user namespace of some',
      0.9,
      () => ['nsenter', '-U', '-t', `${probers.pids[0]}`],
    ],
    ['root in other namespaces', 0.02, () => [...UNSHARE, '--net', '--ipc', '--uts', '--mount']],
  ])('%s is told less, and nothing else', (_, most, via) => {
    const wrong: string[] = []
    let untold = 0
    let count = 0
    for (const { a, b, told } of tellPairs(probers.pids, via())) {
      const whole = all.find(({ there }) => there.a === a && there.b === b) as Tried
      for (const { rule, holds, text } of told) {
        count++
        if (holds === null) untold++
        const truth = ORACLES[rule]?.(whole) ?? whole.told.find((one) => one.rule === rule)?.holds
        if (holds !== null && typeof truth === 'boolean' && holds !== truth) {
          wrong.push(`${whole.what}: ${text}`)
        }
      }
    }
    expect(wrong).toEqual([])
    expect(count).toBe(all.length * 18)
    expect(untold / count).toBeLessThan(most)
  })
})
