import fc from 'fast-check'
import type { AnyContents } from '../../src/contents/contents-types.ts'
import type { MntContents } from '../../src/contents/mnt.ts'
import type { NetContents } from '../../src/contents/net/net-contents.ts'
import { PROPAGATIONS } from '../../src/kernel/mountinfo.ts'
import type { NsType } from '../../src/kernel/namespace-types.ts'

const uint = fc.nat({ max: 0xffff })
const word: fc.Arbitrary<string> = fc.constantFrom('a', 'b', 'eth0', '/x', '10.0.0.0', 'rw', 'ä\n')
const known = { unknown: fc.constant([]) }

function unique<T>(item: fc.Arbitrary<T>, key: (item: T) => string): fc.Arbitrary<T[]> {
  return fc.uniqueArray(item, { selector: key, maxLength: 6 })
}

const address = fc.record({
  address: fc
    .tuple(uint, fc.nat({ max: 32 }))
    .map(([n, bits]) => `10.9.${n % 256}.${n >> 8}/${bits}`),
  scope: fc.constantFrom('global', 'host'),
  family: fc.constant('inet' as const),
})

const device = fc.record({
  index: fc.option(uint),
  name: fc.constantFrom('lo', 'eth0', 'eth1', 'br0', 'wg0'),
  mac: fc.option(fc.constantFrom('02:00:00:00:00:01', '02:00:00:00:00:02')),
  state: fc.constantFrom('up', 'down'),
  flags: fc.subarray(['up', 'broadcast', 'running']),
  mtu: fc.constantFrom(1500, 9000),
  kind: fc.constantFrom('veth', 'physical'),
  master: fc.option(fc.constant('br0')),
  peer: fc.option(
    fc.record({
      index: uint,
      nsid: fc.option(uint),
      namespace: fc.option(
        fc.record({ type: fc.constant('net' as const), inum: uint, id: fc.constant(null) }),
      ),
      name: fc.option(word),
    }),
  ),
  lower: fc.constant(null),
  addresses: unique(address, (row) => row.address),
})

const route = fc.record({
  destination: fc.constantFrom('default', '10.0.0.0/8', '192.0.2.0/24'),
  gateway: fc.option(fc.constantFrom('10.9.0.1', '10.9.0.2')),
  interface: fc.constantFrom('eth0', 'eth1'),
  table: fc.constantFrom(254, 100),
  protocol: fc.constantFrom('boot', 'static', 'dhcp'),
  metric: fc.option(fc.constantFrom(50, 100)),
  family: fc.constantFrom('inet' as const, 'inet6' as const),
  type: fc.constantFrom('unicast', 'blackhole'),
  source: fc.constant(null),
})

const net: fc.Arbitrary<NetContents> = fc.record({
  ...known,
  type: fc.constant('net' as const),
  interfaces: unique(device, ({ name }) => name),
  // Also several of one destination.
  routes: fc.array(route, { maxLength: 8 }),
  listening: fc.array(
    fc.record({
      protocol: fc.constantFrom('tcp' as const, 'udp6' as const),
      address: fc.constantFrom('0.0.0.0', '::1'),
      port: fc.constantFrom(22, 80, 443),
      uid: fc.constantFrom(0, 33),
      inode: uint,
      processes: fc.constant(null),
    }),
    { maxLength: 6 },
  ),
  dns: fc.option(
    fc.record({
      nameservers: fc.array(word, { maxLength: 2 }),
      search: fc.array(word, { maxLength: 2 }),
      options: fc.constant([]),
    }),
  ),
})

const mount = fc.record({
  mountPoint: fc.constantFrom('/', '/proc', '/data', '/a b'),
  root: fc.constantFrom('/', '/sub'),
  fsType: fc.constantFrom('overlay', 'tmpfs'),
  source: fc.constantFrom('overlay', '/dev/vda'),
  device: uint.map((minor) => `0:${minor}`),
  options: fc.constantFrom('rw', 'ro,nosuid'),
  superOptions: fc.constantFrom('rw', 'rw,size=1k'),
  propagation: fc.constantFrom(...PROPAGATIONS),
})

const mnt: fc.Arbitrary<MntContents> = fc.array(mount, { maxLength: 8 }).map((mounts) => ({
  type: 'mnt' as const,
  unknown: [],
  root: mounts.findLast(({ mountPoint }) => mountPoint === '/') ?? null,
  mounts,
}))

const map = unique(
  fc.record({ inside: uint, outside: fc.option(uint), count: uint }),
  ({ inside }) => String(inside),
)

const sysv = {
  key: fc.constantFrom(0, 1, -5, 77),
  id: uint,
  perms: fc.constantFrom('600', '666'),
  uid: uint,
  gid: uint,
}
const keyOf = ({ key, id }: { key: number; id: number }) => (key === 0 ? `private ${id}` : `${key}`)
const clock = fc.record({ seconds: fc.integer(), nanoseconds: fc.nat({ max: 999_999_999 }) })

export const ARBITRARY: Readonly<Record<NsType, fc.Arbitrary<AnyContents>>> = {
  net,
  mnt,
  pid: fc.record({
    ...known,
    type: fc.constant('pid' as const),
    level: fc.nat({ max: 32 }),
    init: uint,
    pids: fc.array(uint),
  }),
  uts: fc.record({
    ...known,
    type: fc.constant('uts' as const),
    hostname: word,
    domainname: fc.option(word, { nil: null }),
  }),
  ipc: fc.record({
    ...known,
    type: fc.constant('ipc' as const),
    queues: unique(fc.record({ ...sysv, messages: uint, bytes: uint }), keyOf),
    semaphores: unique(fc.record({ ...sysv, count: uint }), keyOf),
    segments: unique(
      fc.record({ ...sysv, size: uint.map(String), attached: uint, cpid: uint }),
      keyOf,
    ),
    mqueues: unique(
      fc.record({ name: word, bytes: uint, notifyPid: fc.constant(null) }),
      ({ name }) => name,
    ),
  }),
  user: fc.record({
    ...known,
    type: fc.constant('user' as const),
    uidMap: map,
    gidMap: map,
    projidMap: map,
    setgroups: fc.constantFrom('allow' as const, 'deny' as const),
  }),
  cgroup: fc.record({
    ...known,
    type: fc.constant('cgroup' as const),
    root: fc.constant('/'),
    cgroups: unique(
      fc.record({
        hierarchy: uint,
        controllers: fc.constantFrom([], ['cpu', 'cpuacct'], ['memory']),
        path: word,
        inside: word,
        root: word,
      }),
      ({ controllers }) => controllers.join(),
    ),
    frozen: fc.boolean(),
  }),
  time: fc.record({
    ...known,
    type: fc.constant('time' as const),
    monotonic: clock,
    boottime: clock,
  }),
}
