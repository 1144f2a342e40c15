import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CgroupContents } from '../../src/contents/cgroup.ts'
import { comparable } from '../../src/contents/compare.ts'
import type { Contents, Difference } from '../../src/contents/contents.ts'
import { CONTENTS, contentsType } from '../../src/contents/contents-types.ts'
import type { IpcContents } from '../../src/contents/ipc.ts'
import type { MntContents } from '../../src/contents/mnt.ts'
import type { NetContents } from '../../src/contents/net/net-contents.ts'
import type { TimeContents } from '../../src/contents/time.ts'
import type { UserContents } from '../../src/contents/user.ts'
import type { UtsContents } from '../../src/contents/uts.ts'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import { ARBITRARY } from './arbitrary.ts'

function compare<C extends Contents>(a: C, b: C): readonly Difference[] {
  return contentsType(a.type).compare(a, b)
}

const byText = (differences: readonly unknown[]) =>
  differences.map((row) => JSON.stringify(row)).sort()

describe.each(NS_TYPE_NAMES)('contents of %s', (type) => {
  it('have a file that calls itself so', () => {
    expect(CONTENTS[type].type).toBe(type)
  })

  it('do not differ from themselves', () => {
    fc.assert(
      fc.property(ARBITRARY[type], (a) => {
        expect(compare(a, structuredClone(a))).toEqual([])
      }),
    )
  })

  it('differ the same way round when they are turned round', () => {
    fc.assert(
      fc.property(ARBITRARY[type], ARBITRARY[type], (a, b) => {
        const turned = compare(b, a).map((row) => ({ path: row.path, a: row.b, b: row.a }))
        expect(byText(turned)).toEqual(byText(compare(a, b)))
      }),
    )
  })

  it('name every difference by a path of its own', () => {
    fc.assert(
      fc.property(ARBITRARY[type], ARBITRARY[type], (a, b) => {
        const paths = compare(a, b).map(({ path }) => JSON.stringify(path))
        expect(new Set(paths).size).toBe(paths.length)
      }),
    )
  })

  it('have a summary of one line, whatever is in them', () => {
    fc.assert(
      fc.property(ARBITRARY[type], (a) => {
        expect(typeof contentsType(type).summarise(a)).toBe('string')
      }),
    )
  })

  it('are unknown, not empty, where nothing could be read', () => {
    const needs = Object.keys(CONTENTS[type].needs)
    const denied = Object.fromEntries(needs.map((name) => [name, 'EACCES']))
    const contents = contentsType(type).parse(denied)
    const { type: _, unknown, ...fields } = contents as Contents & Record<string, unknown>
    const roots = new Set(unknown.map((field) => field.split('.')[0]))
    expect(Object.keys(fields).filter((field) => !roots.has(field))).toEqual([])
    expect(contentsType(type).summarise(contents)).toBe('')
    expect(compare(contents, contents)).toEqual([])
  })
})

/** One change of contents that have something to change, and where it must be told. */
interface Change<C extends Contents> {
  readonly type: NsType
  readonly what: string
  readonly path: readonly string[]
  change(contents: C): C
}

function change<C extends Contents>(
  type: C['type'],
  what: string,
  [path, apply]: readonly [readonly string[], (contents: C) => C],
): Change<never> {
  return { type, what, path, change: apply } as unknown as Change<never>
}

const NEW_ROUTE = {
  ...{ destination: '203.0.113.0/24', gateway: '10.9.0.9', interface: 'eth9', table: 254 },
  ...{ protocol: 'boot', metric: null, family: 'inet' as const, type: 'unicast', source: null },
}
const NEW_MOUNT = {
  ...{ mountPoint: '/new', root: '/', fsType: 'tmpfs', source: 'tmpfs', device: '0:1' },
  ...{ options: 'rw', superOptions: 'rw', propagation: 'private' as const },
}
const NEW_DEVICE = {
  ...{ index: 9, name: 'eth9', mac: null, state: 'up', flags: [], mtu: 1, kind: 'veth' },
  ...{ master: null, peer: null, lower: null, addresses: [] },
}
const NEW_SYSV = { key: 4096, id: 70000, perms: '600', uid: 0, gid: 0 }

/** To be made beside of whatever else there is. */
const ADDITIONS = [
  change<NetContents>('net', 'a route', [
    ['routes', '203.0.113.0/24'],
    (c) => ({ ...c, routes: [NEW_ROUTE, ...c.routes] }),
  ]),
  change<NetContents>('net', 'a route of another table', [
    ['routes', '203.0.113.0/24 table 7'],
    (c) => ({ ...c, routes: [...c.routes, { ...NEW_ROUTE, table: 7 }] }),
  ]),
  change<NetContents>('net', 'an interface', [
    ['interfaces', 'eth9'],
    (c) => ({ ...c, interfaces: [...c.interfaces, NEW_DEVICE] }),
  ]),
  change<NetContents>('net', 'a listening socket', [
    ['listening', 'tcp6 [::]:8443'],
    (c) => ({
      ...c,
      listening: [
        { protocol: 'tcp6', address: '::', port: 8443, uid: 0, inode: 1, processes: null },
        ...c.listening,
      ],
    }),
  ]),
  change<MntContents>('mnt', 'a mount', [
    ['mounts', '/new'],
    (c) => ({ ...c, mounts: [...c.mounts, NEW_MOUNT] }),
  ]),
  change<UserContents>('user', 'a line of a map', [
    ['uidMap', '70000'],
    (c) => ({ ...c, uidMap: [...c.uidMap, { inside: 70000, outside: 1, count: 1 }] }),
  ]),
  change<IpcContents>('ipc', 'a queue', [
    ['queues', '0x00001000'],
    (c) => ({ ...c, queues: [{ ...NEW_SYSV, messages: 0, bytes: 0 }, ...c.queues] }),
  ]),
  change<IpcContents>('ipc', 'a private segment', [
    ['segments', 'private 70000'],
    (c) => ({
      ...c,
      segments: [...c.segments, { ...NEW_SYSV, key: 0, size: '1', attached: 0, cpid: 1 }],
    }),
  ]),
  change<IpcContents>('ipc', 'a POSIX queue', [
    ['mqueues', 'jobs'],
    (c) => ({ ...c, mqueues: [...c.mqueues, { name: 'jobs', bytes: 0, notifyPid: null }] }),
  ]),
]

const ALTERATIONS = [
  change<UtsContents>('uts', 'the hostname', [['hostname'], (c) => ({ ...c, hostname: 'other' })]),
  change<TimeContents>('time', 'an offset', [
    ['boottime'],
    (c) => ({ ...c, boottime: { seconds: (c.boottime?.seconds ?? 0) + 1, nanoseconds: 0 } }),
  ]),
  change<UserContents>('user', 'setgroups', [
    ['setgroups'],
    (c) => ({ ...c, setgroups: c.setgroups === 'deny' ? 'allow' : 'deny' }),
  ]),
  change<CgroupContents>('cgroup', 'being frozen', [
    ['frozen'],
    (c) => ({ ...c, frozen: !c.frozen }),
  ]),
]

describe('one thing that is changed', () => {
  it.each([...ADDITIONS, ...ALTERATIONS])('is the one that is named: $type, $what', (row) => {
    const { type, path, change: apply } = row as unknown as Change<Contents>
    fc.assert(
      fc.property(ARBITRARY[type], (contents) => {
        expect(compare(contents, apply(contents)).map((found) => found.path)).toEqual([path])
      }),
    )
  })

  it.each(ADDITIONS)('is absent on the side that lacks it: $type, $what', (row) => {
    const { type, path, change: apply } = row as unknown as Change<Contents>
    const [contents] = fc.sample(ARBITRARY[type], 1) as Contents[] as [Contents]
    const [found] = compare(apply(contents), contents)
    expect(found).toMatchObject({ path, a: expect.anything(), b: null })
  })

  const first = <T>(items: readonly T[], edit: (item: T) => T): T[] =>
    items.map((item, i) => (i === 0 ? edit(item) : item))

  it('is named with its item: the address of an interface, an option of a mount, a line, a root', () => {
    fc.assert(
      fc.property(ARBITRARY.net, ARBITRARY.mnt, ARBITRARY.user, ARBITRARY.cgroup, (...all) => {
        const [net, mnt, user, cgroup] = all as [
          NetContents,
          MntContents,
          UserContents,
          CgroupContents,
        ]
        const extra = { address: '198.51.100.7/32', scope: 'global', family: 'inet' as const }
        const device = net.interfaces[0]
        const withAddress = first(net.interfaces, (row) => ({
          ...row,
          addresses: [...row.addresses, extra],
        }))
        expect(compare(net, { ...net, interfaces: withAddress })).toEqual(
          device
            ? [{ path: ['interfaces', device.name, 'addresses', extra.address], a: null, b: extra }]
            : [],
        )
        const mounts = first(mnt.mounts, (row) => ({ ...row, options: 'ro,noexec' }))
        const mount = mnt.mounts[0]
        const found = compare(mnt, { ...mnt, mounts })
        expect(found).toHaveLength(mount ? 1 : 0)
        if (mount) {
          expect(found[0]).toMatchObject({ a: mount.options, b: 'ro,noexec' })
          expect(found[0]?.path).toEqual([
            'mounts',
            expect.stringContaining(mount.mountPoint),
            'options',
          ])
        }
        const line = user.gidMap[0]
        const gidMap = first(user.gidMap, (row) => ({
          ...row,
          count: row.count + 1,
          outside: 70000,
        }))
        expect(compare(user, { ...user, gidMap }).map(({ path }) => path)).toEqual(
          line ? [['gidMap', String(line.inside)]] : [],
        )
        const cgroups = first(cgroup.cgroups, (row) => ({ ...row, root: '/other' }))
        const key = cgroup.cgroups[0]?.controllers.join(',') || 'cgroup2'
        expect(compare(cgroup, { ...cgroup, cgroups }).map(({ path }) => path)).toEqual(
          cgroup.cgroups.length > 0 ? [['cgroups', key, 'root']] : [],
        )
      }),
    )
  })
})

describe('what is unknown on either side', () => {
  const unknown = (...fields: readonly string[]) => ({ type: 'net' as const, unknown: fields })

  it.each([
    ['a field', ['mac'], 'mac', false],
    ['all of a list', ['interfaces'], 'interfaces.mac', false],
    ['a field of a list', ['interfaces.mac'], 'interfaces.mac', false],
    ['another field', ['interfaces.mac'], 'interfaces.kind', true],
    ['a field of what is asked as a whole', ['interfaces.mac'], 'interfaces', true],
    ['a name that begins alike', ['inter'], 'interfaces', true],
  ])('is not compared: %s', (_, fields, asked, known) => {
    expect(comparable(unknown(...fields), unknown())(asked)).toBe(known)
    expect(comparable(unknown(), unknown(...fields))(asked)).toBe(known)
  })

  it.each(NS_TYPE_NAMES)('makes no difference of %s', (type) => {
    fc.assert(
      fc.property(ARBITRARY[type], ARBITRARY[type], (a, b) => {
        const { type: _, unknown: __, ...fields } = a
        expect(compare(a, { ...b, unknown: Object.keys(fields) })).toEqual([])
      }),
    )
  })
})

describe('lists', () => {
  it('pair what is equal before what is not', () => {
    const route = { ...NEW_ROUTE }
    const with2 = (...gateways: readonly string[]): NetContents => ({
      ...{ type: 'net', unknown: [], interfaces: [], listening: [], dns: null },
      routes: gateways.map((gateway) => ({ ...route, gateway })),
    })
    expect(compare(with2('10.0.0.1', '10.0.0.2'), with2('10.0.0.2'))).toMatchObject([
      { path: ['routes', route.destination], a: { gateway: '10.0.0.1' }, b: null },
    ])
    expect(compare(with2('1', '2', '3'), with2('3', '4', '5'))).toEqual([
      { path: ['routes', route.destination, 'gateway'], a: '1', b: '4' },
      { path: ['routes', `${route.destination}#2`, 'gateway'], a: '2', b: '5' },
    ])
  })

  it('of mounts that all spread in another way, are one difference', () => {
    const mounts = ['/', '/proc', '/data'].map((mountPoint) => ({ ...NEW_MOUNT, mountPoint }))
    const a: MntContents = { type: 'mnt', unknown: [], root: mounts[0] as never, mounts }
    const shared = mounts.map((mount) => ({ ...mount, propagation: 'shared' as const }))
    expect(compare(a, { ...a, mounts: [...shared, NEW_MOUNT] })).toEqual([
      { path: ['mounts', '/new'], a: null, b: NEW_MOUNT },
      { path: ['propagation'], a: 'private', b: 'shared' },
    ])
    const one = [shared[0], ...mounts.slice(1)] as MntContents['mounts']
    expect(compare(a, { ...a, mounts: one }).map(({ path }) => path)).toEqual([
      ['mounts', '/', 'propagation'],
    ])
  })

  it('of hierarchies that differ in one way, are one difference', () => {
    const cgroups = (root: string) =>
      [[], ['cpu', 'cpuacct'], ['memory']].map((controllers, hierarchy) => ({
        ...{ hierarchy, controllers, path: root, inside: '/', root },
      }))
    const contents = (root: string): CgroupContents => ({
      ...{ type: 'cgroup', unknown: [], root, frozen: false, cgroups: cgroups(root) },
    })
    expect(compare(contents('/a'), contents('/b'))).toEqual([
      { path: ['cgroups', 'cgroup2 cpu,cpuacct memory', 'root'], a: '/a', b: '/b' },
    ])
  })
})
