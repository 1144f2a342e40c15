import { describe, expect, it } from 'vitest'
import type { Coverage, Gap, Snapshot } from '../../src/model/snapshot.ts'
import type { Marks } from '../../src/query/held-by.ts'
import { coverageNote, failedNote } from '../../src/render/notes.ts'
import { ask } from '../support/ask.ts'
import { fixtureHost } from '../support/fixture-host.ts'
import { MACHINES } from '../support/fixture-procfs.ts'

const whole = ask(fixtureHost('two-containers')).snapshot

const UNMARKED = { atLeast: false, inferred: false }

function note(
  coverage: Partial<Coverage>,
  host: Partial<Snapshot['host']> = {},
  marks: Marks = UNMARKED,
): string | null {
  const snapshot = {
    ...whole,
    host: { ...whole.host, ...host },
    coverage: { ...whole.coverage, ...coverage },
  }
  return coverageNote(snapshot, marks)
}

const gap = (some: Partial<Gap> = {}): Gap => ({
  ...{ source: 'processes', errno: 'EACCES', count: 1, pids: [7] },
  ...some,
})

describe('coverageNote', () => {
  it('says nothing where everything was read', () => {
    expect(note({})).toBeNull()
  })

  it.each<[string, Partial<Gap>, RegExp]>([
    ['one process by its pid', {}, /^process 7 could not be read: permission denied \(EACCES\)/],
    ['few by their pids', { count: 3, pids: [7, 8, 9] }, /^processes 7, 8, 9 could not be read/],
    ['many by their number', { count: 40, pids: [7, 8] }, /^40 processes could not be read/],
    ['another source', { source: 'sockets' }, /^sockets of process 7 could not be read/],
    ['what is no process', { source: 'mounts', pids: [] }, /^mounts: 1 unreadable, permission/],
    ['an errno that has no words', { errno: 'EDOM' }, /: EDOM$/],
  ])('names %s', (_, some, text) => {
    expect(note({ gaps: [gap(some)] })).toMatch(text)
  })

  it('does not say of descriptors what it has said of their processes', () => {
    const gaps = [gap({ count: 9 }), gap({ source: 'descriptors', count: 9 })]
    expect(note({ gaps })).not.toContain('descriptors')
    expect(note({ gaps: [gap({ count: 1 }), gap({ source: 'descriptors', count: 2 })] })).toContain(
      'descriptors of',
    )
  })

  it.each([
    [0, 'CAP_SYS_PTRACE'],
    [1000, 'sudo'],
  ])('tells uid %i what would help', (uid, remedy) => {
    expect(note({ gaps: [gap()] }, { uid })).toContain(remedy)
    expect(note({ gaps: [gap({ errno: 'EIO' })] }, { uid })).not.toContain(remedy)
  })

  it('names sources that are not to be had, and those of which some is missing', () => {
    const sources = [
      { name: 'mounts', state: 'unavailable' },
      { name: 'descriptors', state: 'partial' },
      { name: 'threads', state: 'notAsked' },
    ] as const
    expect(note({ sources })).toBe(
      'bind mounts could not be asked; some descriptors could not be told apart',
    )
  })

  it.each([
    [{ net: 1 }, 'at least 1 net more exists'],
    [{ net: 2 }, 'at least 2 net more exist'],
    [{ net: 1, mnt: 1 }, 'at least 1 net, 1 mnt more exist'],
  ])('says how many more there are: %j', (unidentified, text) => {
    expect(note({ unidentified })).toBe(text)
  })

  it('says of threads that they were not looked at', () => {
    const sources = [{ name: 'threads', state: 'partial' }] as const
    expect(note({ sources })).toBe('some threads could not be looked at')
  })

  it('explains the marks that are shown, and no others', () => {
    expect(note({}, {}, { atLeast: true, inferred: false })).toBe('7+ is at least 7')
    expect(note({}, {}, { atLeast: true, inferred: true })).toBe('7+ is at least 7, 7~ is inferred')
  })

  it('tells of processes that are not even listed, and who would see them', () => {
    expect(note({ hidepid: true }, { uid: 1000 })).toMatch(/hidden .*hidepid.*sudo nsx$/)
  })

  it('does not call a root of a user namespace of its own root', () => {
    const userNs = { type: 'user', inum: 4026532999, id: null } as const
    expect(note({ gaps: [gap()] }, { uid: 0, userNs })).toMatch(/outside of our user namespace/)
  })

  it.each(MACHINES)('is one line of %s', (machine) => {
    const marks = { atLeast: true, inferred: true }
    expect(coverageNote(ask(fixtureHost(machine)).snapshot, marks) ?? '').not.toContain('\n')
  })
})

it.each([
  [1, /failed on 1 row /],
  [5, /failed on 5 rows /],
])('failedNote of %i', (failed, text) => {
  expect(failedNote(failed)).toMatch(text)
})
