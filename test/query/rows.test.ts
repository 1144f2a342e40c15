import { describe, expect, it } from 'vitest'
import { HOLDER_KINDS } from '../../src/model/snapshot.ts'
import { rowsOf } from '../../src/query/rows.ts'
import { ask } from '../support/ask.ts'
import { fixtureHost } from '../support/fixture-host.ts'
import { MACHINES } from '../support/fixture-procfs.ts'
import { machineRows, namedRows, rowOfInum } from '../support/rows.ts'

const ID = '3f2a9c0b1d4e'.padEnd(64, '7')
const WEB = {
  ...{ label: 'docker:web', family: 'docker', kind: 'container', id: ID, name: 'web' },
  ...{ image: 'nginx:1.27', pod: null, compose: { project: 'shop', service: 'front' } },
  outer: null,
  evidence: [
    { kind: 'cgroup', where: `/system.slice/docker-${ID}.scope`, uid: 0 },
    { kind: 'process', where: 'containerd-shim(1000)', uid: 0 },
    {
      ...{ kind: 'file', uid: 0 },
      where: `1000/root/var/lib/docker/containers/${ID}/config.v2.json`,
    },
  ],
  unknown: [],
}
const USER = { type: 'user', inum: 4026531837, id: '4099' }

describe('a row', () => {
  it('has every field of the contract', async () => {
    expect(rowOfInum(await namedRows('two-containers'), 4026532305)).toEqual({
      type: 'net',
      inum: 4026532305,
      id: '7305',
      leader: {
        ...{ pid: 1100, tid: null, startTicks: '11000', comm: 'nginx', ppid: 1000 },
        ...{ uid: 0, user: 'root', command: 'nginx: master process nginx -g daemon off;' },
        args: ['nginx: master process nginx -g daemon off;'],
      },
      container: WEB,
      owner: USER,
      parent: null,
      ownerUid: null,
      nsid: 0,
      holderCounts: {
        ...{ process: 3, thread: null, forChildren: null, descriptor: 1, socket: 0, mount: 1 },
        ...{ child: 0, owned: 0, device: null },
      },
      holders: [
        {
          ...{
            kind: 'mount',
            process: null,
            container: null,
            fd: null,
            path: '/run/docker/netns/3f2a9c',
          },
          mountNamespace: { type: 'mnt', inum: 4026531832, id: '4' },
          namespace: null,
        },
        {
          kind: 'descriptor',
          process: { pid: 500, tid: null, startTicks: '5000', comm: 'dockerd' },
          container: expect.objectContaining({ label: 'unit:docker.service', kind: 'unit' }),
          ...{ fd: 14, path: null, mountNamespace: null, namespace: null },
        },
      ],
      unknown: [],
      inferred: [],
      atLeast: [],
      lossy: [],
    })
  })

  it('names the parent by type, inode and id', () => {
    const { parent, owner } = rowOfInum(machineRows('nested-user'), 4026532521)
    expect(parent).toEqual({ type: 'user', inum: 4026532510, id: '7510' })
    expect(owner).toEqual(parent)
  })

  it('names its children and its property as holders', () => {
    const { holders } = rowOfInum(machineRows('nested-user'), 4026532510)
    const nothing = { process: null, container: null, fd: null, path: null, mountNamespace: null }
    expect(holders).toHaveLength(3)
    expect(holders).toEqual(
      expect.arrayContaining([
        { kind: 'child', ...nothing, namespace: { type: 'user', inum: 4026532521, id: '7521' } },
        { kind: 'owned', ...nothing, namespace: { type: 'user', inum: 4026532521, id: '7521' } },
        { kind: 'owned', ...nothing, namespace: { type: 'uts', inum: 4026532511, id: '7511' } },
      ]),
    )
  })

  it('says null of a source that was not asked, and 0 of one that found nothing', () => {
    const { holderCounts } = rowOfInum(
      machineRows('two-containers', { descriptors: false, sockets: false }),
      4026532305,
    )
    expect(holderCounts).toMatchObject({ descriptor: null, socket: null, mount: 1, child: 0 })
  })

  it('says nothing of containers where they were not asked for', () => {
    const { container, holders, unknown } = rowOfInum(machineRows('two-containers'), 4026532305)
    expect([container, ...holders.map((holder) => holder.container)]).toEqual([null, null, null])
    expect(unknown).toEqual([])
  })

  it('names a container that could not be told, of the leader and of holders', () => {
    const { snapshot, selection } = ask(fixtureHost('two-containers'))
    const sources = [{ name: 'containers', state: 'partial' as const }]
    const coverage = { ...snapshot.coverage, sources }
    const processes = snapshot.processes.map((process) =>
      process.pid === 1300 ? { ...process, container: null } : process,
    )
    const rows = rowsOf({ ...snapshot, coverage, processes }, selection)
    expect(rowOfInum(rows, 4026532305).unknown).toEqual(['container', 'holders.1.container'])
    expect(rowOfInum(rows, 4026532311)).toMatchObject({ container: null, unknown: [] })
  })

  it('names a container whose name was not UTF-8', () => {
    const { snapshot, selection } = ask(fixtureHost('two-containers'))
    const container = {
      ...{
        family: 'lxc' as const,
        kind: 'container' as const,
        id: null,
        name: 'caf\ufffd',
        image: null,
      },
      ...{ pod: null, compose: null, outer: null, evidence: [], unknown: [] },
    }
    const processes = snapshot.processes.map((process) => ({ ...process, container }))
    const rows = rowsOf({ ...snapshot, processes }, selection)
    expect(rowOfInum(rows, 4026532311).lossy).toEqual(['container.name'])
  })

  it('names what could not be read', () => {
    const row = rowOfInum(machineRows('pinned-net'), 4026532407)
    expect(row).toMatchObject({ id: null, owner: null, unknown: ['id', 'nsid', 'owner'] })
  })

  it('names what is inferred, and what is a lower bound', () => {
    const rows = machineRows('unprivileged')
    expect(rowOfInum(rows, 4026532602)).toMatchObject({
      inferred: ['holderCounts.process'],
      holderCounts: { process: 2 },
    })
    const { atLeast } = rowOfInum(rows, 4026531838)
    expect(atLeast).toContain('holderCounts.process')
  })

  it('counts no 0 where descriptors or sockets could not all be told', () => {
    const { snapshot, selection } = ask(fixtureHost('pinned-net', { nsfs: false }))
    const rows = rowsOf(snapshot, selection)
    const unsure = ['holderCounts.descriptor', 'holderCounts.socket']
    expect(rowOfInum(rows, 4026532401).atLeast).toEqual(unsure)
    expect(rowOfInum(rows, 4026532408).atLeast).toEqual(unsure.slice(0, 1))
    expect(rowOfInum(machineRows('bare-host'), 4026531833).atLeast).toEqual([])
  })

  it.each([
    [4026532704, ['leader.comm', 'leader.args']],
    [4026532723, ['holders.0.path']],
    [4026532722, []],
  ])('names the fields of %i in which bytes were lost', (inum, lossy) => {
    expect(rowOfInum(machineRows('hostile'), inum).lossy).toEqual(lossy)
  })

  it('joins the arguments, and falls back to the name', () => {
    const command = (inum: number) => rowOfInum(machineRows('hostile'), inum).leader?.command
    expect(command(4026532700)).toBe('two lines\nnsx: all is well')
    expect(command(4026532706)).toBe('ghost')
  })

  it('has a process only where it was looked at', () => {
    const { holders } = rowOfInum(
      machineRows('two-containers', { needs: new Set(['mounts']) }),
      4026532305,
    )
    expect(holders.map(({ process }) => process)).toEqual(holders.map(() => null))
  })
})

describe('rows', () => {
  it.each(MACHINES)('of %s survive JSON, and hold what they count', (machine) => {
    const rows = machineRows(machine)
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows)
    for (const { holderCounts, holders } of rows) {
      expect(Object.keys(holderCounts)).toEqual(HOLDER_KINDS)
      for (const kind of HOLDER_KINDS) {
        if (kind === 'process') continue
        expect(holderCounts[kind] ?? 0).toBe(holders.filter((h) => h.kind === kind).length)
      }
    }
  })

  it('are in the order of their inodes, and only those selected', () => {
    const { snapshot, selection } = ask(fixtureHost('pinned-net'), { types: ['net', 'uts'] })
    const inums = rowsOf(snapshot, selection).map(({ inum }) => inum)
    expect(inums).toEqual([...inums].sort((a, b) => a - b))
    const persistent = rowsOf(snapshot, { ...selection, persistent: true })
    expect(persistent.map(({ inum }) => inum - 4026532400)).toEqual([1, 2, 3, 5, 7, 8])
  })
})
