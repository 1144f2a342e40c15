import { describe, expect, it } from 'vitest'
import { namespaceView } from '../../src/query/show-namespace.ts'
import { fixtureHost } from '../support/fixture-host.ts'
import { type Named, namespaceOf } from '../support/inspect.ts'

const view = async (machine: Parameters<typeof fixtureHost>[0], named: Exclude<Named, number>) =>
  (await namespaceOf(fixtureHost(machine), named)).view

describe('the view of a namespace', () => {
  it('lists its members, topmost ones first, with what they are in', async () => {
    const { members, container, unknown } = await view('two-containers', 'net:[4026532305]')
    expect(members.map(({ pid }) => pid)).toEqual([1100, 1300, 1101])
    expect(members.map((member) => member.container?.label)).toEqual([
      ...['docker:web', 'docker:77b1d0e2f3a4', 'docker:web'],
    ])
    expect(members.map((member) => member.unknown)).toEqual([[], [], []])
    expect(container?.label).toBe('docker:web')
    expect(unknown).toEqual([])
  })

  it('has what contains each of its holders', async () => {
    const { holders } = await view('two-containers', 'net:[4026532305]')
    expect(holders.map(({ kind, container }) => [kind, container])).toEqual([
      ['mount', null],
      ['descriptor', expect.objectContaining({ label: 'unit:docker.service' })],
    ])
  })

  it('has those below it, and how many it owns', async () => {
    const { children, ownedCounts } = await view('nested-user', 'user:[4026532510]')
    expect(children.map(({ inum }) => inum)).toEqual([4026532521])
    expect(ownedCounts).toEqual({ uts: 1, user: 1 })
  })

  it('does not know these without nsfs', async () => {
    const host = fixtureHost('nested-user', { nsfs: false })
    const { view } = await namespaceOf(host, 'user:[4026532501]')
    expect(view).toMatchObject({ children: [], ownedCounts: {} })
    expect(view.unknown).toEqual(expect.arrayContaining(['children', 'ownedCounts', 'owner']))
  })

  it('names what of a member could not be read', async () => {
    const { inspection } = await namespaceOf(fixtureHost('two-containers'), 'uts:[4026532302]')
    const members = inspection.members.map((each) => ({
      ...each,
      uid: null,
      user: null,
      args: null,
    }))
    const [member] = namespaceView({ ...inspection, members, containers: {} }).members
    expect(member).toMatchObject({ args: [], command: 'nginx', tid: null, container: null })
    expect(member?.unknown).toEqual(['uid', 'args', 'container'])
  })

  it('has no contents, and no line of them, where they were not asked for', async () => {
    const { view } = await namespaceOf(fixtureHost('two-containers'), 'uts:[4026532302]', ['net'])
    expect(view).toMatchObject({ contents: null, summary: null })
  })

  it('names bytes that were no UTF-8', async () => {
    const { lossy, members } = await view('hostile', 'uts:[4026532704]')
    expect(lossy).toEqual(expect.arrayContaining(['leader.comm', 'leader.args']))
    expect(members[0]?.lossy).toEqual(['comm', 'args'])
  })

  it('counts a gap that both readings have met once', async () => {
    const faults = [{ call: 'link', path: /^5000\/ns\/time$/, errno: 'EACCES' }] as const
    const host = fixtureHost('unprivileged', { faults })
    const { inspection } = await namespaceOf(host, 'net:[4026532602]')
    const ours = inspection.snapshot.coverage.gaps.filter(({ source }) => source === 'host')
    expect(ours).toEqual([{ source: 'host', errno: 'EACCES', count: 1, pids: [5000] }])
  })
})
