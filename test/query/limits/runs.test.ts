import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES, type NsType } from '../../../src/kernel/namespace-types.ts'
import type { LimitsFacts } from '../../../src/model/limits.ts'
import type { RunFacts } from '../../../src/model/run-facts.ts'
import { levelsOf } from '../../../src/query/limits/levels.ts'
import { bareRun, countedRun, foreseenRuns, nestingOf } from '../../../src/query/limits/runs.ts'
import { planRun } from '../../../src/query/plan-run.ts'
import { caller, facts, ordinary } from '../run/run-case.ts'
import { INITIAL_USER, limitsFacts, namespace } from './limits-case.ts'

const LIMITS = Object.fromEntries(NS_TYPE_NAMES.map((type) => [type, 1000]))

function foreseen(run: RunFacts, changes: Partial<LimitsFacts> = {}, types = NS_TYPE_NAMES) {
  const limits = limitsFacts([], {}, { run, limits: LIMITS, ...changes })
  return foreseenRuns(limits, levelsOf(limits, new Set(NS_TYPE_NAMES)), new Set(types)) ?? []
}

const of = (runs: ReturnType<typeof foreseen>, flags: string) =>
  runs.find((run) => run.flags === flags)

describe('what would work', () => {
  it('is asked of each type alone, with a user namespace, and of all', () => {
    expect(foreseen(facts(), {}, ['net', 'uts', 'user']).map(({ flags }) => flags)).toEqual([
      ...['-U', '-n', '-u', '-Un', '-Uu', '-Unu'],
    ])
    expect(foreseen(facts(), {}, ['pid']).map(({ flags }) => flags)).toEqual(['-p', '-Up'])
  })

  it('is all for root, and nothing without a user namespace for others', () => {
    expect(foreseen(facts()).every(({ outcome }) => outcome === 'works')).toBe(true)
    const others = foreseen(ordinary())
    expect(of(others, '-Un')).toMatchObject({ outcome: 'works', errno: null, assumes: [] })
    expect(of(others, '-n')).toMatchObject({ outcome: 'fails', errno: 'EPERM' })
  })

  it.each<[string, RunFacts, string]>([
    ['a chroot', facts({ caller: caller({}, { chrooted: true }) }), 'EPERM'],
    ['no ids', facts({ caller: caller({ uid: 7 }, { uidMap: [] }) }), 'EPERM'],
    ['the depth', facts({ levels: { user: 33, pid: 0 } }), 'ENOSPC'],
    ['a limit of 0', facts({ limits: { user: 0 } }), 'ENOSPC'],
    ['a setting', ordinary({ unprivilegedUsers: false }), 'EPERM'],
  ])('is not a user namespace with %s', (_, run, errno) => {
    expect(of(foreseen(run), '-U')).toMatchObject({ outcome: 'fails', errno, assumes: [] })
  })

  it('is said by what run itself would say, of the same facts', () => {
    const namespaces = [namespace('user', 10, INITIAL_USER, 1000), namespace('net', 20, 10)]
    const limits = limitsFacts(namespaces, { uid: 1000 }, { run: ordinary(), limits: { net: 1 } })
    const run = countedRun(limits) as RunFacts
    const forecast = planRun(bareRun(['user', 'net']), run).steps.find(
      ({ forecast }) => forecast.outcome === 'fails',
    )?.forecast
    const levels = levelsOf(limits, new Set(NS_TYPE_NAMES))
    const [, , both] = foreseenRuns(limits, levels, new Set<NsType>(['net', 'user'])) ?? []
    expect(both).toMatchObject({ flags: '-Un', ...forecast })
    expect(both?.why).toContain('uid 1000 has 1 network namespace')
  })

  it('rests on what is out of sight, which it names', () => {
    const users = new Map([[11, { inum: 11, parent: null, ownerUid: 0 }]])
    const run = facts({ levels: { user: null, pid: null } })
    const within = foreseen(run, { userNs: 11, users, reader: 11 })
    expect(of(within, '-n')?.assumes).toEqual(['above'])
    expect(of(within, '-p')?.assumes).toEqual(['above', 'pidNesting'])
    expect(of(within, '-Up')?.assumes).toEqual(['above', 'userNesting', 'pidNesting'])
  })

  it('rests on limits that were inferred', () => {
    const users = new Map([
      ...limitsFacts().users,
      [11, { inum: 11, parent: INITIAL_USER, ownerUid: 0 }] as const,
    ])
    expect(of(foreseen(facts(), { userNs: 11, users }), '-n')?.assumes).toEqual(['limits'])
  })

  it('is not told of a namespace', () => {
    const limits = limitsFacts([], {}, { subject: null })
    expect(foreseenRuns(limits, [], new Set(NS_TYPE_NAMES))).toBeNull()
    expect(nestingOf(limits, []).pid).toBeNull()
  })
})
