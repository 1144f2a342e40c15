import { describe, expect, it } from 'vitest'
import type { RunFacts } from '../../../src/model/run-facts.ts'
import type { AskedMap, RunRequest } from '../../../src/model/run-request.ts'
import {
  all,
  caller,
  facts,
  failures,
  lacking,
  NO_MAP,
  ordinary,
  plan,
  ROOT_MAP,
  stepOf,
  types,
  written,
} from './run-case.ts'

const user = types('user')
type Range = AskedMap['ranges'][number]
const range = (inside: number, outside: number, count: number) => ({ inside, outside, count })

function mapped(known: RunFacts, self: AskedMap['self'], ...ranges: Range[]): string[] {
  const made = plan({ namespaces: user, uidMap: { self, ranges } }, known)
  const [tool] = all(made, 'mapTool')
  const text = written(made, 'uid_map')
  if (text !== undefined) return text.trimEnd().split('\n')
  const numbers = tool?.args ?? []
  return numbers.flatMap((_, i) => (i % 3 === 0 ? [numbers.slice(i, i + 3).join(' ')] : []))
}

describe('the lines of a map', () => {
  const subids = [
    { first: 100000, count: 65536 },
    { first: 300000, count: 10 },
  ]
  const alice = ordinary({ uids: { subids, tool: { path: '/usr/bin/newuidmap', setuid: true } } })
  const root = facts({ uids: { subids, tool: null } })

  it.each<[string, string[], string[]]>([
    ['one id', mapped(alice, 0), ['0 1000 1']],
    ['its own id', mapped(alice, 'same'), ['1000 1000 1']],
    ['another id', mapped(alice, 5), ['5 1000 1']],
    ['a range', mapped(root, null, range(0, 200, 9)), ['0 200 9']],
    ['auto', mapped(alice, null, 'auto'), ['0 100000 65536']],
    ['subids', mapped(alice, null, 'subids'), ['100000 100000 65536', '300000 300000 10']],
    ['all', mapped(root, null, 'all'), ['0 0 4294967295']],
    // Shifted around the single id, of which nothing is lost: the range grows by one.
    ['auto, and one id', mapped(alice, 0, 'auto'), ['0 1000 1', '1 100000 65536']],
    [
      'auto, and its own id',
      mapped(alice, 'same', 'auto'),
      ['1000 1000 1', '0 100000 1000', '1001 101000 64536'],
    ],
    // A hole, so that the topmost id is lost.
    ['a range, and its first id', mapped(root, 0, range(0, 200, 9)), ['0 0 1', '1 200 8']],
    [
      'a range, and one of the middle',
      mapped(root, 5, range(0, 200, 9)),
      ['5 0 1', '0 200 5', '6 205 3'],
    ],
    ['a range, and its last id', mapped(root, 8, range(0, 200, 9)), ['8 0 1', '0 200 8']],
    ['a range, and the id behind it', mapped(root, 9, range(0, 200, 9)), ['9 0 1', '0 200 9']],
    ['one id that is mapped outside', mapped(root, 99, range(50, 0, 3)), ['99 0 1', '50 1 2']],
    [
      'one id that is inside and outside',
      mapped(alice, 3, range(0, 998, 6)),
      ['3 1000 1', '0 998 2', '2 1001 1', '4 1002 2'],
    ],
    ['all, and one id', mapped(root, 0, 'all'), ['0 0 1', '1 1 4294967294']],
    ['a range of the one id alone', mapped(root, 0, range(0, 200, 1)), ['0 0 1']],
  ])('are right for %s', (_, lines, expected) => {
    expect(lines).toEqual(expected)
  })

  it('maps each id once where a hole is cut, whatever the numbers', () => {
    for (let self = 0; self < 8; self++) {
      for (let inside = 0; inside < 6; inside++) {
        for (let outside = 995; outside < 1003; outside++) {
          const lines = mapped(alice, self, range(inside, outside, 4)).map((line) =>
            line.split(' ').map(Number),
          ) as [number, number, number][]
          const ids = (at: 0 | 1) =>
            lines.flatMap((line) => Array.from({ length: line[2] }, (_, i) => line[at] + i))
          const hit =
            (self >= inside && self < inside + 4) || (outside <= 1000 && 1000 < outside + 4)
          expect(new Set(ids(0)).size).toBe(hit ? 4 : 5)
          expect(new Set(ids(1)).size).toBe(hit ? 4 : 5)
          const allowed = [...Array.from({ length: 4 }, (_, i) => outside + i), 1000]
          expect(ids(1).every((id) => allowed.includes(id))).toBe(true)
        }
      }
    }
  })

  it.each<[string, Partial<RunRequest>, RegExp]>([
    [
      'two ranges inside',
      { uidMap: { self: null, ranges: [range(0, 100, 5), range(4, 200, 5)] } },
      /^the user map maps user id 4 twice; it would be: 0:100:5, 4:200:5$/,
    ],
    [
      'two ranges outside',
      { gidMap: { self: null, ranges: [range(0, 100, 5), range(10, 104, 5)] } },
      /^the group map maps group id 104 of the caller twice/,
    ],
    ['no ids', { uidMap: { self: null, ranges: [range(0, 100, 0)] } }, /has a line of no ids/],
    [
      'ids beyond the last',
      { uidMap: { self: null, ranges: [range(0xffff_fff0, 0, 16)] } },
      /reaches beyond the last id, 4294967294/,
    ],
    [
      'too many lines',
      { uidMap: { self: null, ranges: Array.from({ length: 341 }, (_, i) => range(i, i, 1)) } },
      /has 341 lines, and the kernel takes at most 340 lines.*0:0:1.*and 333 more$/,
    ],
    [
      'too many bytes',
      {
        uidMap: {
          self: null,
          ranges: Array.from({ length: 300 }, (_, i) => range(1000000 + i, 1000000 + i, 1)),
        },
      },
      /of less than 4096 bytes/,
    ],
  ])('are refused with the map: %s', (_, changes, message) => {
    expect(() => plan({ namespaces: user, ...changes })).toThrow(message)
  })

  it('takes 340 lines', () => {
    const ranges = Array.from({ length: 340 }, (_, i) => range(i, i, 1))
    expect(mapped(facts(), null, ...ranges)).toHaveLength(340)
  })

  it.each(['auto', 'subids'] as const)('says which line %s misses', (word) => {
    const known = ordinary({ uids: { subids: [], tool: null } })
    expect(() => mapped(known, null, word)).toThrow(
      expect.objectContaining({
        message: '/etc/subuid has no range for alice (uid 1000)',
        details: expect.objectContaining({
          hint: expect.stringContaining('the line alice:100000:65536'),
        }),
      }),
    )
  })

  it('has nothing to pass on where no id is mapped', () => {
    const known = facts({ caller: caller({}, { uidMap: [] }) })
    expect(() => mapped(known, null, 'all')).toThrow(/no user ids to pass on/)
  })
})

describe('who writes a map', () => {
  const ranges = { self: 0, ranges: ['auto' as const] }

  it('is the process itself for its own id, after it has denied setgroups', () => {
    for (const known of [facts(), ordinary()]) {
      const made = plan({ namespaces: user, uidMap: ROOT_MAP, gidMap: ROOT_MAP }, known)
      expect(all(made, 'writeOwn').map(({ file }) => file)).toEqual([
        ...['uid_map', 'setgroups', 'gid_map'],
      ])
      expect(written(made, 'setgroups')).toBe('deny')
      expect(all(made, 'beside')).toEqual([])
      expect(failures(made)).toEqual([])
    }
  })

  it('is a process outside for root, which leaves setgroups as it is', () => {
    const map = { self: 0, ranges: [range(0, 200, 5)] }
    const made = plan({ namespaces: user, uidMap: map, gidMap: map })
    expect(made.steps.filter(({ group }) => group === 1).map(({ operation }) => operation)).toEqual(
      [
        { name: 'writeOwn', file: 'uid_map', text: '0 0 1\n1 200 4\n' },
        { name: 'writeOwn', file: 'gid_map', text: '0 0 1\n1 200 4\n' },
      ],
    )
    expect(all(made, 'go')).toEqual([{ name: 'go', to: 1 }])
  })

  it('is newuidmap for an ordinary user', () => {
    const made = plan({ namespaces: user, uidMap: ranges, gidMap: ranges }, ordinary())
    const args = ['0', '1000', '1', '1', '100000', '65536']
    expect(all(made, 'mapTool')).toEqual([
      { name: 'mapTool', program: '/usr/bin/newuidmap', args },
      { name: 'mapTool', program: '/usr/bin/newgidmap', args },
    ])
    expect(failures(made)).toEqual([])
  })

  it('is the process outside for root that wants to keep setgroups', () => {
    const changes = { namespaces: user, gidMap: ROOT_MAP, setgroups: 'allow' as const }
    const made = plan(changes)
    expect(made.steps.flatMap(({ group, operation }) => (group ? [operation] : []))).toEqual([
      { name: 'writeOwn', file: 'setgroups', text: 'allow' },
      { name: 'writeOwn', file: 'gid_map', text: '0 0 1\n' },
    ])
    expect(() => plan(changes, ordinary())).toThrow(/^--setgroups=allow cannot be/)
  })

  it('writes setgroups before the group map, whoever does', () => {
    const changes = { namespaces: user, gidMap: ranges, setgroups: 'deny' as const }
    const made = plan(changes, ordinary())
    const order = made.steps.flatMap(({ group, operation }) => (group ? [operation.name] : []))
    expect(order).toEqual(['writeOwn', 'mapTool'])
  })
})

describe('the forecast of a map', () => {
  const ranges = { self: 0, ranges: ['auto' as const] }
  const wanted = { namespaces: user, uidMap: ranges, gidMap: NO_MAP }

  it('needs CAP_SETFCAP to map root, since Linux 5.12', () => {
    const known = { caller: caller({ effective: lacking('CAP_SETFCAP') }) }
    const changes = { namespaces: user, uidMap: ROOT_MAP }
    expect(failures(plan(changes, facts(known)))).toMatchObject([
      {
        errno: 'EPERM',
        why: 'to map user id 0, it needs CAP_SETFCAP in the initial user namespace, which uid 0 does not have',
      },
    ])
    const old = facts({ ...known, release: { major: 5, minor: 11 } })
    expect(failures(plan(changes, old))).toEqual([])
  })

  it('fails for ids that the caller has not', () => {
    const uidMap = [{ inside: 0, outside: 1000, count: 10 }]
    const known = facts({ caller: caller({}, { uidMap }) })
    const asked = { self: null, ranges: [range(0, 5, 6)] }
    expect(failures(plan({ namespaces: user, uidMap: asked }, known))).toMatchObject([
      {
        errno: 'EPERM',
        why: 'the user namespace of the caller does not have all user ids 5–10',
      },
    ])
  })

  it.each<[string, RunFacts, string, RegExp]>([
    [
      'no newuidmap',
      ordinary({ uids: { subids: [{ first: 100000, count: 65536 }], tool: null } }),
      'ENOENT',
      /^without CAP_SETUID, newuidmap is needed, and it is not installed$/,
    ],
    ['no_new_privs', ordinary({}, { noNewPrivs: true }), 'EPERM', /has no_new_privs set/],
    [
      'a user without a name',
      ordinary({ userName: null }),
      'EPERM',
      /has no name in \/etc\/passwd/,
    ],
  ])('fails with %s', (_, known, errno, why) => {
    const [failure] = failures(plan(wanted, known))
    expect(failure).toMatchObject({ name: 'mapTool', errno })
    expect(failure?.why).toMatch(why)
  })

  it('fails for a range that /etc/subuid does not give, though two of its lines may', () => {
    const tool = { path: '/usr/bin/newuidmap', setuid: true }
    const subids = [
      { first: 100005, count: 5 },
      { first: 100000, count: 5 },
    ]
    const of = (count: number) =>
      failures(
        plan(
          { namespaces: user, uidMap: { self: null, ranges: [range(0, 100000, count)] } },
          ordinary({ uids: { subids, tool } }),
        ),
      )
    expect(of(10)).toEqual([])
    expect(of(11)).toMatchObject([{ why: '/etc/subuid does not give uids 100000–100010 to alice' }])
  })

  it('does not know what file capabilities newuidmap has', () => {
    const subids = [{ first: 100000, count: 65536 }]
    const tool = { path: '/bin/newuidmap', setuid: false }
    const made = plan(wanted, ordinary({ uids: { subids, tool } }))
    expect(stepOf(made, 'mapTool').forecast.outcome).toBe('unknown')
  })

  it('fails to allow what is denied above', () => {
    const changes = { namespaces: user, setgroups: 'allow' as const }
    const known = facts({ setgroups: false })
    expect(failures(plan(changes, known))).toMatchObject([{ name: 'writeOwn', errno: 'EPERM' }])
  })
})
