import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { ENGINES, fixtureHost } from '../support/fixture-host.ts'
import { errnoNumber, MACHINES } from '../support/fixture-procfs.ts'

describe.each(ENGINES)('the %s engine', (engine) => {
  it('lists the processes in ascending order', () => {
    const pids = [...fixtureHost('bare-host', { engine }).listPids()]
    expect(pids).toEqual([1, 2, 25, 350, 412, 610, 620, 640, 700, 777, 850, 900, 31000])
  })

  it('says of each link its inode or its errno', () => {
    const scan = fixtureHost('bare-host', { engine }).scanProcesses({
      ...{
        pids: Int32Array.of(25, 777, 5),
        types: ['mnt', 'pid'],
        descriptors: false,
        sockets: false,
      },
    })
    const gone = errnoNumber('ENOENT')
    expect([...scan.inums]).toEqual([4026531862, 4026531836, 0, 4026531836, 0, 0])
    expect([...scan.errnos]).toEqual([0, 0, gone, 0, gone, gone])
    expect(scan.descriptors).toEqual([])
    expect(scan.sockets.pids).toHaveLength(0)
  })

  it('reads only the links that are asked for', () => {
    const scan = fixtureHost('bare-host', { engine }).scanProcesses({
      ...{ pids: Int32Array.of(25, 777, 5), types: ['mnt', 'pid'] },
      ...{ only: Uint8Array.of(1, 0, 0, 1, 0, 1), descriptors: false, sockets: false },
    })
    expect([...scan.inums]).toEqual([4026531862, 0, 0, 4026531836, 0, 0])
    expect([...scan.errnos]).toEqual([0, 0, 0, 0, 0, errnoNumber('ENOENT')])
  })

  it('scans no process at all when none is asked', () => {
    const scan = fixtureHost('bare-host', { engine }).scanProcesses({
      ...{ pids: new Int32Array(), types: NS_TYPE_NAMES, descriptors: true, sockets: true },
    })
    expect([scan.inums.length, scan.errnos.length, scan.descriptorErrnos.length]).toEqual([0, 0, 0])
  })

  it('reads the files of processes in the order asked', () => {
    const texts = fixtureHost('bare-host', { engine }).readProcesses([900, 4, 25, 1], {
      ...{ status: true, cmdlineBytes: 6 },
    })
    expect(texts.map(({ cmdline }) => cmdline?.toString())).toEqual([
      'node\0b',
      'ENOENT',
      '',
      '/sbin/',
    ])
    expect(texts.map(({ stat }) => stat.toString().split(' ')[0])).toEqual([
      '900',
      'ENOENT',
      '25',
      '1',
    ])
    expect(texts.map(({ status }) => status?.toString().split('\n')[0])).toEqual([
      ...['Name:\tnsx', 'ENOENT', 'Name:\tkdevtmpfs', 'Name:\tsystemd'],
    ])
  })

  it('does not read what is not asked', () => {
    const [text] = fixtureHost('bare-host', { engine }).readProcesses([1], {
      ...{ status: false, cmdlineBytes: 0 },
    })
    expect(text).toMatchObject({ status: null, cmdline: null })
  })

  it('finds namespaces and sockets among the descriptors', () => {
    const scan = fixtureHost('pinned-net', { engine }).scanProcesses({
      ...{ pids: Int32Array.of(4100, 4200), types: [], descriptors: true, sockets: true },
    })
    expect(scan.descriptors).toContainEqual(
      expect.objectContaining({ pid: 4100, fd: 7, inum: 4026532403 }),
    )
    expect([...scan.sockets.fds]).toEqual([3, 5, 6])
    expect([...scan.sockets.inodes]).toEqual([15001, 55001, 55002])
  })
})

it.skipIf(ENGINES.length < 2)('both engines say the same of every link and file', () => {
  for (const machine of MACHINES) {
    const hosts = ENGINES.map((engine) => fixtureHost(machine, { engine }))
    const answers = hosts.map((host) => {
      const pids = host.listPids()
      const { inums, errnos, descriptorErrnos } = host.scanProcesses({
        ...{ pids, types: NS_TYPE_NAMES, descriptors: false, sockets: false },
      })
      const texts = host.readProcesses([...pids], { status: true, cmdlineBytes: 4096 })
      return { pids, inums, errnos, descriptorErrnos, texts }
    })
    expect(answers[1]).toEqual(answers[0])
  }
})
