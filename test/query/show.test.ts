import { describe, expect, it } from 'vitest'
import type { Container } from '../../src/model/container.ts'
import type { KnownNamespace, TaskInspection } from '../../src/model/inspection.ts'
import type { StrayThread, Subject } from '../../src/model/subject.ts'
import { showView } from '../../src/query/show.ts'
import { fixtureHost } from '../support/fixture-host.ts'
import { showOf } from '../support/inspect.ts'

const PID = 1100
const { inspection: BASE } = await showOf(fixtureHost('two-containers'), PID)
const UTS = BASE.subject.links.uts as number

const container = (name: string): Container => ({
  ...{ family: 'docker', kind: 'container', id: name.padEnd(64, '0'), name, image: null },
  ...{ pod: null, compose: null, outer: null, evidence: [], unknown: [] },
})
const [WEB, DB] = [container('web'), container('db')]

/** The UTS namespace of a task whose members, and what these are in, are such. */
function shared(
  pids: readonly number[] | null,
  containers: TaskInspection['containers'],
  atLeast = false,
) {
  const members = pids === null ? {} : { uts: { pids, atLeast } }
  return showView({ ...BASE, members, containers }).namespaces.uts
}

describe('with whom a namespace is shared', () => {
  it.each([
    ['nobody', [PID], {}, { sharing: 'own', sharedWith: [], sharedOutside: null }],
    [
      'the processes of one container',
      ...[[PID, 2], { [PID]: WEB, 2: WEB }],
      { sharing: 'container', sharedWith: ['docker:web'], sharedOutside: false },
    ],
    [
      'those of two containers',
      ...[[PID, 2], { [PID]: WEB, 2: DB }],
      { sharing: 'others', sharedWith: ['docker:db', 'docker:web'], sharedOutside: false },
    ],
    [
      'a container and processes in none',
      ...[[PID, 2], { [PID]: WEB, 2: null }],
      { sharing: 'others', sharedWith: ['docker:web'], sharedOutside: true },
    ],
    [
      'processes in none',
      ...[[PID, 2], { [PID]: null, 2: null }],
      { sharing: 'others', sharedWith: [], sharedOutside: true },
    ],
  ] as const)('%s', (_, pids, containers, told) => {
    const shown = shared(pids, containers)
    expect(shown).toMatchObject({ ...told, processCount: pids.length, atLeast: [] })
    expect(shown?.unknown).toEqual([])
  })

  it('is untold where a process may be out of sight', () => {
    expect(shared([PID], {}, true)).toMatchObject({
      ...{ sharing: null, sharedWith: [], sharedOutside: null, unknown: ['sharing'] },
      ...{ processCount: 1, atLeast: ['processCount'] },
    })
  })

  it('is no container alone where a process may be out of sight', () => {
    const shown = shared([PID, 2], { [PID]: WEB, 2: WEB }, true)
    expect(shown).toMatchObject({ sharing: 'others', sharedWith: ['docker:web'] })
  })

  it('is untold where not even it itself was found among them', () => {
    expect(shared([], {}, true)).toMatchObject({ sharing: null, unknown: ['sharing'] })
  })

  it('is untold where the members are', () => {
    expect(shared(null, {})).toMatchObject({
      ...{ sharing: null, processCount: null, unknown: ['sharing', 'processCount'] },
    })
  })

  it('never takes a process for one in no container because that could not be told', () => {
    expect(shared([PID, 2], { [PID]: WEB })).toMatchObject({
      ...{ sharing: 'others', sharedWith: ['docker:web'], sharedOutside: null },
      unknown: ['sharedWith', 'sharedOutside'],
    })
    expect(shared([PID, 2, 3], { [PID]: WEB, 2: null })).toMatchObject({
      ...{ sharing: 'others', sharedOutside: true, unknown: ['sharedWith'] },
    })
  })

  it('is all of the machine, whoever else is seen in it', () => {
    const namespaces = BASE.namespaces.map((ns) =>
      ns.inum === UTS ? { ...ns, initial: true } : ns,
    )
    const { sharing } = showView({ ...BASE, namespaces, members: {} }).namespaces.uts ?? {}
    expect(sharing).toBe('initial')
  })
})

const withSubject = (change: Partial<Subject>) =>
  showView({ ...BASE, subject: { ...BASE.subject, ...change } })

/** Without some of the links, for these reasons. */
function lacking(linkErrnos: Subject['linkErrnos'], change: Partial<Subject> = {}) {
  const links = Object.entries(BASE.subject.links).filter(([link]) => !(link in linkErrnos))
  return withSubject({ links: Object.fromEntries(links), linkErrnos, ...change })
}

describe('a namespace that is null', () => {
  it('could not be read, and is named', () => {
    const view = lacking({ net: 'EACCES', uts: 'EIO' })
    expect([view.namespaces.net, view.namespaces.uts]).toEqual([null, null])
    expect(view.unknown).toEqual(['namespaces.net', 'namespaces.uts'])
  })

  it.each(['ENOENT', 'ESRCH'] as const)('is none where it is gone (%s)', (errno) => {
    const view = lacking({ net: errno }, { state: 'Z' })
    expect(view.namespaces.net).toBeNull()
    expect(view.unknown).toEqual([])
  })
})

describe('what children will be in', () => {
  it.each([
    ['is the same', {}, { forChildren: null, unknown: [] }],
    ['could not be read', { pid_for_children: 'EACCES' }, { unknown: ['forChildren'] }],
    ['is not there before the first', { pid_for_children: 'ENOENT' }, { unknown: ['forChildren'] }],
  ] as const)('%s', (_, errnos, told) => {
    expect(lacking(errnos).namespaces.pid).toMatchObject(told)
  })

  it('is nothing for a zombie', () => {
    const view = lacking({ pid_for_children: 'ENOENT' }, { state: 'Z' })
    expect(view.namespaces.pid).toMatchObject({ forChildren: null, unknown: [] })
  })

  it('is another one', () => {
    const links = { ...BASE.subject.links, pid_for_children: 4026532999 }
    expect(withSubject({ links }).namespaces.pid?.forChildren).toEqual({
      ...{ type: 'pid', inum: 4026532999, id: null },
    })
  })
})

describe('the level of a namespace', () => {
  it('is told of user and PID namespaces, also beside what is inside', () => {
    const { namespaces } = showView(BASE)
    const levels = Object.entries(namespaces).map(([type, shown]) => [type, shown?.level])
    expect(Object.fromEntries(levels)).toEqual({
      ...{ mnt: null, net: null, uts: null, ipc: null, cgroup: null, time: null },
      ...{ user: 0, pid: 1 },
    })
  })

  it('is unknown where an ancestor is', () => {
    const cut = (ns: KnownNamespace): KnownNamespace =>
      ns.type === 'pid' ? { ...ns, parent: null, unknown: ['parent'], initial: false } : ns
    const view = showView({ ...BASE, namespaces: BASE.namespaces.map(cut) })
    expect(view.namespaces.pid).toMatchObject({ level: null, unknown: ['parent', 'level'] })
  })
})

describe('a thread that is elsewhere', () => {
  const thread = (change: Partial<StrayThread>): StrayThread => ({
    ...{ tid: 1105, startTicks: '11051', comm: 'x', lossy: [], links: {}, linkErrnos: {} },
    ...change,
  })
  const shown = (change: Partial<StrayThread>) =>
    withSubject({ strayThreads: [thread(change)] }).threads[0]

  it('is named as documents name tasks, with what differs', () => {
    expect(shown({ links: { net: 4026531833, time_for_children: 4026531834 } })).toEqual({
      ...{ pid: PID, tid: 1105, startTicks: '11051', comm: 'x', unknown: [], lossy: [] },
      namespaces: {
        // Of what nsfs did not tell there is the number alone.
        net: { type: 'net', inum: 4026531833, id: null },
        time_for_children: { type: 'time', inum: 4026531834, id: '2' },
      },
    })
  })

  it('names what of it could not be read, and what its children have not yet', () => {
    expect(shown({ linkErrnos: { net: 'EACCES', pid_for_children: 'ENOENT' } })).toMatchObject({
      ...{ namespaces: {}, unknown: ['namespaces.net', 'namespaces.pid_for_children'] },
    })
  })
})

describe('the task itself', () => {
  it.each([
    ['credentials', { credentials: null }],
    ['args', { args: null }],
    ['nsPids', { nsPids: [] }],
  ])('names %s where they could not be read', (field, change) => {
    expect(withSubject(change).subject.unknown).toEqual([field])
  })

  it('names its container where that could not be told, and not where there is none', () => {
    expect(showView({ ...BASE, container: null }).subject).toMatchObject({
      ...{ container: null, unknown: [] },
    })
    expect(showView({ ...BASE, container: undefined }).subject).toMatchObject({
      ...{ container: null, unknown: ['container'] },
    })
  })
})

describe('what is inside', () => {
  it('is null, and so is its line, where it was not asked for', () => {
    expect(showView({ ...BASE, contents: [] }).namespaces.uts).toMatchObject({
      ...{ contents: null, summary: null },
    })
  })

  it('has no line where nothing of it could be told', () => {
    const contents = [{ type: 'uts', hostname: null, domainname: null, unknown: [], inum: UTS }]
    const { namespaces } = showView({ ...BASE, contents } as TaskInspection)
    expect(namespaces.uts?.summary).toBeNull()
  })

  it('is named where bytes were no UTF-8', () => {
    const contents = [
      { type: 'uts', hostname: 'a\ufffd', domainname: null, unknown: [], inum: UTS },
    ]
    const { namespaces } = showView({ ...BASE, contents } as TaskInspection)
    expect(namespaces.uts?.lossy).toEqual(['contents.hostname'])
  })
})
