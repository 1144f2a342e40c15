import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { type Asked, ask, NOW } from '../support/ask.ts'
import { ENGINES, type Engine, fixtureHost } from '../support/fixture-host.ts'
import { MACHINES, type Machine } from '../support/fixture-procfs.ts'
import { bootLines, madeLines, sourceStates } from '../support/snapshot-lines.ts'

/** Sources that no usual listing asks: the answer says so. */
const NOT_ASKED = {
  threads: 'notAsked',
  forChildren: 'notAsked',
  mountNamespaces: 'notAsked',
  devices: 'notAsked',
  netFiles: 'notAsked',
  peers: 'notAsked',
  listns: 'notAsked',
  // Asked after the reading, by those who want it.
  containers: 'notAsked',
  // By no listing.
  contents: 'notAsked',
  relations: 'notAsked',
}

describe.each(ENGINES)('over the %s engine', (engine: Engine) => {
  const read = (machine: Machine, asked: Asked = {}): Snapshot =>
    ask(fixtureHost(machine, { engine }), asked).snapshot

  it('a bare host has services in namespaces of their own', () => {
    const snapshot = read('bare-host')
    expect(madeLines(snapshot)).toEqual([
      'mnt:[4026531862], id 23, members 25, leader 25, owner 4026531837',
      'mnt:[4026532190], id 7190, members 350, leader 350, owner 4026531837',
      'uts:[4026532191], id 7191, members 610, leader 610, owner 4026531837',
      'mnt:[4026532192], id 7192, members 610, leader 610, owner 4026531837',
      // The leader has a higher pid than its children.
      'mnt:[4026532195], id 7195, members 620 640 31000, leader 31000, owner 4026531837',
    ])
    expect(bootLines(snapshot)).toEqual([
      'mnt:[4026531832], id 4, members 1 2 412 700 850 900, leader 1, owner 4026531837',
      ...[
        ['net:[4026531833], id 3', ''],
        ['time:[4026531834], id 2', ''],
        ['cgroup:[4026531835], id 5', ''],
      ].map(
        ([ns]) =>
          `${ns}, members 1 2 25 350 412 610 620 640 700 850 900 31000, leader 1, owner 4026531837`,
      ),
      // A zombie is still in its PID and its user namespace.
      'pid:[4026531836], id 6, members 1 2 25 350 412 610 620 640 700 777 850 900 31000, leader 1, owner 4026531837',
      'user:[4026531837], id 4099, members 1 2 25 350 412 610 620 640 700 777 850 900 31000, leader 1, by uid 0, owned 4026531832 4026531833 4026531834 4026531835 4026531836 4026531838 4026531839 4026531862 4026532190 4026532191 4026532192 4026532195',
      'uts:[4026531838], id 1, members 1 2 25 350 412 620 640 700 850 900 31000, leader 1, owner 4026531837',
      'ipc:[4026531839], id 4098, members 1 2 25 350 412 610 620 640 700 850 900 31000, leader 1, owner 4026531837',
    ])
    expect(snapshot.coverage).toMatchObject({ complete: true, gaps: [], unidentified: {} })
    expect(sourceStates(snapshot)).toEqual(NOT_ASKED)
  })

  it('two containers share a network and nothing else', () => {
    const snapshot = read('two-containers')
    expect(madeLines(snapshot)).toEqual([
      'mnt:[4026532301], id 7301, members 1100 1101, leader 1100, owner 4026531837',
      'uts:[4026532302], id 7302, members 1100 1101, leader 1100, owner 4026531837',
      'ipc:[4026532303], id 7303, members 1100 1101, leader 1100, owner 4026531837',
      'pid:[4026532304], id 7304, members 1100 1101, leader 1100, owner 4026531837, parent 4026531836',
      'net:[4026532305], id 7305, members 1100 1101 1300, leader 1100, owner 4026531837, nsid 0, mount "/run/docker/netns/3f2a9c", descriptor 500/14',
      'cgroup:[4026532306], id 7306, members 1100 1101, leader 1100, owner 4026531837',
      'mnt:[4026532311], id 7311, members 1300, leader 1300, owner 4026531837',
      'uts:[4026532312], id 7312, members 1300, leader 1300, owner 4026531837',
      'ipc:[4026532313], id 7313, members 1300, leader 1300, owner 4026531837',
      'pid:[4026532314], id 7314, members 1300, leader 1300, owner 4026531837, parent 4026531836',
      'cgroup:[4026532316], id 7316, members 1300, leader 1300, owner 4026531837',
    ])
    expect(bootLines(snapshot)[4]).toBe(
      'pid:[4026531836], id 6, members 1 500 1000 1200 1999 2000, leader 1, owner 4026531837, child 4026532304 4026532314',
    )
    expect(snapshot.coverage).toMatchObject({ complete: true, gaps: [], unidentified: {} })
  })

  it('nested user namespaces are found where no process is in them', () => {
    const snapshot = read('nested-user')
    expect(madeLines(snapshot)).toEqual([
      'user:[4026532501], id 7501, members 3000, leader 3000, owner 4026531837, parent 4026531837, by uid 1000, child 4026532510, owned 4026532502 4026532503 4026532510',
      'net:[4026532502], id 7502, members 3000, leader 3000, owner 4026532501',
      'pid:[4026532503], id 7503, members 3000, leader 3000, owner 4026532501, parent 4026531836, child 4026532523',
      'user:[4026532510], id 7510, no members, owner 4026532501, parent 4026532501, by uid 1000, child 4026532521, owned 4026532511 4026532521',
      'uts:[4026532511], id 7511, members 3200, leader 3200, owner 4026532510',
      'user:[4026532521], id 7521, members 3200, leader 3200, owner 4026532510, parent 4026532510, by uid 100000, owned 4026532522 4026532523',
      'net:[4026532522], id 7522, members 3200, leader 3200, owner 4026532521',
      'pid:[4026532523], id 7523, members 3200, leader 3200, owner 4026532521, parent 4026532503',
    ])
    expect(snapshot.coverage).toMatchObject({ complete: true, gaps: [], unidentified: {} })
  })

  it('pinned namespaces are found by whatever holds them', () => {
    const snapshot = read('pinned-net')
    const detached = 'net:[4026532404], id 7404, no members, owner 4026531837, descriptor 4100/8'
    expect(madeLines(snapshot)).toEqual([
      'net:[4026532401], id 7401, no members, owner 4026531837, nsid 0, mount "/run/netns/blue"',
      'net:[4026532402], id 7402, no members, owner 4026531837, mount "/run/netns/green", mount "/srv/green"',
      'net:[4026532403], id 7403, no members, owner 4026531837, descriptor 4100/7',
      // Its link text is /, so only statx(2) tells it.
      ...(engine === 'native' ? [detached] : []),
      'net:[4026532405], id 7405, no members, owner 4026531837, socket 4200/5',
      'net:[4026532406], id 7406, members 4300, leader 4300, owner 4026531837, nsid 1, socket 4200/6',
      // Another mount stands over its own: no way leads there, and still it is there.
      'net:[4026532407], no members, mount "/run/netns/covered", unknown id+nsid+owner',
      'uts:[4026532408], id 7408, no members, owner 4026531837, mount "/run/uts/old"',
    ])
    expect(snapshot.coverage.gaps).toEqual([
      { source: 'relatives', errno: 'ESTALE', count: 1, pids: [] },
    ])
    expect(sourceStates(snapshot)).toEqual({
      ...{ ...NOT_ASKED, relatives: 'partial' },
      ...(engine === 'native' ? {} : { descriptors: 'partial' }),
    })
    expect(snapshot.processes.map(({ pid }) => pid)).toEqual([1, 4100, 4200, 4300])
  })

  it('an ordinary user is told what can be inferred, and what could not be seen', () => {
    const snapshot = read('unprivileged')
    const own = 'members 4900 4950 5000, leader 4900, owner 4026531837'
    expect(bootLines(snapshot)).toEqual([
      'mnt:[4026531832], id 4, members ~1 ~2 4900 5000, leader 1, owner 4026531837',
      'net:[4026531833], id 3, members ~1 ~2 ~100 4900 5000, leader 1, owner 4026531837',
      `time:[4026531834], id 2, ${own}`,
      `cgroup:[4026531835], id 5, ${own}`,
      `pid:[4026531836], id 6, ${own}`,
      'user:[4026531837], id 4099, members 4900 5000, leader 4900, by uid 0, child 4026532601, owned 4026531832 4026531833 4026531834 4026531835 4026531836 4026531838 4026531839 4026532601',
      `uts:[4026531838], id 1, ${own}`,
      `ipc:[4026531839], id 4098, ${own}`,
    ])
    expect(madeLines(snapshot)).toEqual([
      'user:[4026532601], id 7601, members 4950, leader 4950, owner 4026531837, parent 4026531837, by uid 1000, owned 4026532602 4026532603',
      'net:[4026532602], id 7602, members 4950 ~4960, leader 4950, owner 4026532601',
      'mnt:[4026532603], id 7603, members 4950, leader 4950, owner 4026532601',
    ])
    const pids = [1, 2, 100, 200, 201, 4960]
    expect(snapshot.coverage).toMatchObject({
      complete: false,
      gaps: [
        { source: 'processes', errno: 'EACCES', count: 6, pids },
        { source: 'descriptors', errno: 'EACCES', count: 6, pids },
      ],
      // 200 and 201 are in one network namespace; 100, 200 with 201, and 4960 in three mount namespaces.
      unidentified: { net: 1, mnt: 3 },
    })
    expect(sourceStates(snapshot)).toMatchObject({ processes: 'partial', descriptors: 'partial' })
  })

  it('hostile names change nothing but themselves', () => {
    const snapshot = read('hostile')
    expect(madeLines(snapshot)).toEqual([
      ...Array.from(
        { length: 11 },
        (_, i) =>
          `uts:[${4026532700 + i}], id ${7700 + i}, members ${6101 + i}, leader ${6101 + i}, owner 4026531837`,
      ),
      'net:[4026532720], id 7720, no members, owner 4026531837, mount "/run/netns/with blank"',
      'net:[4026532721], id 7721, no members, owner 4026531837, mount "/tmp/new\\nline\\ttab\\\\slash"',
      'net:[4026532722], id 7722, no members, owner 4026531837, mount "/tmp/café"',
      'net:[4026532723], no members, mount "/tmp/bad\ufffd", unknown id+nsid+owner',
      'pid:[4026532724], id 7724, members 6100, leader 6100, owner 4026531837, parent 4026531836',
    ])
    expect(
      snapshot.processes.map(({ pid, comm, args, user, lossy }) => [pid, comm, args, user, lossy]),
    ).toEqual([
      [1, 'systemd', ['/sbin/init'], 'root', []],
      [6100, 'zombie', [], 'root', []],
      [6101, 'two\nlines', ['two', 'lines\nnsx: all is well'], 'root', []],
      [6102, ') Z 1 (', [') Z 1 ('], 'root', []],
      [6103, '\u001b[31mred', ['\u001b]0;title\u0007', '\u001b[2J'], 'root', []],
      [6104, 'a\u202etxt.exe', ['\u2066a\u202e', '\u2028', '\u200bx'], 'root', []],
      [6105, 'c\ufffd(\ufffd', ['\ufffd\ufffd', 'b'], 'root', ['comm', 'args']],
      [6106, 'postgres', ['postgres: main: writer'], 'root', []],
      [6107, 'ghost', [], 'root', []],
      [6108, '日本語', ['日本語', '👩', 'e\u0301'], 'root', []],
      [6109, 'big', ['big'], 'root', []],
      [6110, '', ['', '', ''], 'root', []],
      [6111, '\\n', ['\\n', '\\x1b'], 'ev\u001b[5mil', []],
    ])
  })

  it.each(MACHINES)('a Snapshot of %s equals itself after JSON', (machine) => {
    const snapshot = read(machine)
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
  })

  it.each(MACHINES)('two Snapshots of %s are equal', (machine) => {
    expect(read(machine)).toEqual(read(machine))
  })

  it.each(MACHINES)('every reference within the Snapshot of %s leads somewhere', (machine) => {
    const { namespaces, processes } = read(machine)
    const inums = new Set(namespaces.map(({ inum }) => inum))
    const pids = new Set(processes.map(({ pid }) => pid))
    for (const ns of namespaces) {
      for (const inum of [ns.owner, ns.parent, ...ns.holders.map((h) => h.namespace)]) {
        if (inum !== null) expect(inums).toContain(inum)
      }
      for (const pid of [ns.leader, ...ns.holders.map((h) => h.pid)]) {
        if (pid !== null) expect(pids).toContain(pid)
      }
      expect(ns.members).toEqual([...ns.members].sort((a, b) => a - b))
      expect(new Set(ns.members).size).toBe(ns.members.length)
      expect(ns.members).toEqual(expect.arrayContaining([...ns.inferredMembers]))
    }
  })

  it('the host is told as far as its procfs tells', () => {
    const { procfs, ...host } = read('unprivileged').host
    expect(procfs).toMatch(/unprivileged\/proc$/)
    expect(host).toEqual({
      bootId: '4a7e0f5c-8b96-4d87-9e0f-2c5d6b7a8f9e',
      kernel: '6.18.44',
      hostname: 'unprivileged',
      takenAt: NOW.toISOString(),
      pidMax: 32768,
      nsfsDev: '0:4',
      uid: 1000,
      userNs: { type: 'user', inum: 4026531837, id: '4099' },
      pidNs: { type: 'pid', inum: 4026531836, id: '6' },
      mntNs: { type: 'mnt', inum: 4026531832, id: '4' },
    })
  })

  it('only what was asked is read', () => {
    const snapshot = read('pinned-net', {
      ...{ types: ['uts'], needs: new Set(['members']), descriptors: false, sockets: false },
    })
    expect(madeLines(snapshot)).toEqual(['uts:[4026532408], no members, mount "/run/uts/old"'])
    expect(sourceStates(snapshot)).toEqual({
      ...{ ...NOT_ASKED, descriptors: 'notAsked', sockets: 'notAsked' },
      ...{ relatives: 'notAsked', nsids: 'notAsked' },
    })
    expect(snapshot.processes).toEqual([])
    expect(snapshot.coverage.complete).toBe(true)
  })

  it('one process is read without a scan', () => {
    const snapshot = read('two-containers', { task: 1101, needs: new Set() })
    expect(madeLines(snapshot)).toEqual([
      'mnt:[4026532301], members 1101',
      'uts:[4026532302], members 1101',
      'ipc:[4026532303], members 1101',
      'pid:[4026532304], members 1101',
      'net:[4026532305], members 1101',
      'cgroup:[4026532306], members 1101',
    ])
    expect(new Set(Object.values(sourceStates(snapshot)))).toEqual(new Set(['notAsked']))
  })

  it('a zombie has two namespaces left', () => {
    const { snapshot, selection } = ask(fixtureHost('bare-host', { engine }), {
      ...{ task: 777, needs: new Set() },
    })
    expect([...(selection.ofTask ?? [])]).toEqual([4026531836, 4026531837])
    expect(snapshot.coverage.complete).toBe(true)
  })

  it.each([
    [4, 'no-such-process', 3],
    [100, 'permission-denied', 4],
  ])('of process %i there is nothing but an error', (task, code, exitCode) => {
    expect(() => read('unprivileged', { task })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ code, exitCode }) }),
    )
  })
})

describe('without nsfs', () => {
  it('ids, owners and parents are unknown, and so is who owns what', () => {
    const { snapshot } = ask(fixtureHost('nested-user', { nsfs: false }))
    expect(madeLines(snapshot)).toEqual([
      'user:[4026532501], members 3000, leader 3000, unknown id+owner+ownerUid+parent',
      'net:[4026532502], members 3000, leader 3000, unknown id+nsid+owner',
      'pid:[4026532503], members 3000, leader 3000, unknown id+owner+parent',
      'uts:[4026532511], members 3200, leader 3200, unknown id+owner',
      'user:[4026532521], members 3200, leader 3200, unknown id+owner+ownerUid+parent',
      'net:[4026532522], members 3200, leader 3200, unknown id+nsid+owner',
      'pid:[4026532523], members 3200, leader 3200, unknown id+owner+parent',
    ])
    expect(sourceStates(snapshot)).toEqual({
      ...{ ...NOT_ASKED, relatives: 'unavailable', nsids: 'unavailable' },
    })
    expect(snapshot.coverage).toMatchObject({ complete: false, gaps: [] })
  })

  it('sockets that no table lists make the answer partial', () => {
    const { snapshot } = ask(fixtureHost('pinned-net', { nsfs: false }))
    expect(sourceStates(snapshot)).toMatchObject({ sockets: 'partial', descriptors: 'partial' })
    expect(madeLines(snapshot)).toContain(
      'net:[4026532406], members 4300, leader 4300, socket 4200/6, unknown id+nsid+owner',
    )
    expect(madeLines(snapshot).join()).not.toContain('4026532405')
  })
})

describe('a table of unix sockets', () => {
  it('is not believed: what it lists is asked all the same', () => {
    const host = fixtureHost('pinned-net')
    expect(host.procfs.text('4300/net/unix')).toContain(' 55001 @forged')
    expect(madeLines(ask(host).snapshot)).toContain(
      'net:[4026532405], id 7405, no members, owner 4026531837, socket 4200/5',
    )
  })
})

describe('a command line', () => {
  const args = Array.from({ length: 8000 }, (_, i) => `--flag-${i}`)
  const cmdline = Buffer.from(args.map((arg) => `${arg}\0`).join(''))
  const host = () => fixtureHost('hostile', { files: { '6109/cmdline': cmdline } })
  const processOf = (snapshot: Snapshot) => snapshot.processes.find(({ pid }) => pid === 6109)

  it('of 80 kB is read whole', () => {
    expect(cmdline.length).toBeGreaterThan(80_000)
    expect(processOf(ask(host()).snapshot)).toMatchObject({ args, lossy: [] })
  })

  it('beyond the limit is cut, and says so', () => {
    const process = processOf(ask(host(), { cmdlineBytes: 50 }).snapshot)
    expect(process?.args?.join('\0')).toBe(cmdline.toString('latin1', 0, 50).replace(/\0$/, ''))
    expect(process?.lossy).toEqual(['args'])
  })
})
