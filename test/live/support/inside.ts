import type { Mount } from '../../../src/contents/mnt.ts'
import type { Listening, NetInterface, Route } from '../../../src/contents/net/net-contents.ts'

/**
 * Oracles: what other programs say of the inside of a namespace, in the shape in which nsx says it. They
 * are run there by nsenter(1).
 */

/** Runs a command inside; its standard output. */
export type Within = (...command: readonly string[]) => string

type ToldInterface = Omit<NetInterface, 'peer' | 'lower'>

interface IpLink {
  readonly ifindex: number
  readonly ifname: string
  readonly flags: readonly string[]
  readonly mtu: number
  readonly operstate: string
  readonly link_type: string
  readonly address?: string
  readonly master?: string
  readonly linkinfo?: { readonly info_kind?: string }
  /** Of the other end: its name, where it is in the same namespace, else its number and nsid. */
  readonly link?: string | null
  readonly link_index?: number
  readonly link_netnsid?: number
  readonly addr_info: readonly IpAddress[]
}

interface IpAddress {
  readonly family: 'inet' | 'inet6'
  readonly local: string
  readonly prefixlen: number
  readonly scope: string
}

/** ip-address(8). */
export function ipInterfaces(within: Within): ToldInterface[] {
  return ipLinks(within).map((link) => ({
    index: link.ifindex,
    name: link.ifname,
    mac: link.link_type === 'loopback' ? null : (link.address ?? null),
    state: link.operstate.toLowerCase(),
    flags: flagsOf(link.flags),
    mtu: link.mtu,
    kind: link.linkinfo?.info_kind ?? (link.link_type === 'loopback' ? 'loopback' : 'physical'),
    master: link.master ?? null,
    addresses: link.addr_info.map(({ family, local, prefixlen, scope }) => ({
      ...{ address: `${local}/${prefixlen}`, scope, family },
    })),
  }))
}

/** By name: what an interface is tied to, `v1`, or `5 in nsid 0`. */
export function ipEnds(within: Within): Record<string, string> {
  return Object.fromEntries(
    ipLinks(within).flatMap(({ ifname, link, link_index, link_netnsid }) => {
      if (typeof link === 'string') return [[ifname, link]]
      return link_index ? [[ifname, `${link_index} in nsid ${link_netnsid}`]] : []
    }),
  )
}

function ipLinks(within: Within): IpLink[] {
  return JSON.parse(within('ip', '-json', '-details', 'address'))
}

/** NO-CARRIER is said of one that is up and not running, M-DOWN of the other end (iproute2). */
function flagsOf(flags: readonly string[]): string[] {
  const running = flags.includes('UP') && !flags.includes('NO-CARRIER') ? ['running'] : []
  return flags
    .filter((flag) => flag !== 'NO-CARRIER' && flag !== 'M-DOWN')
    .map((flag) => flag.replace('_', '').toLowerCase())
    .concat(running)
    .sort()
}

interface IpHop {
  readonly gateway?: string
  readonly via?: { readonly host: string }
  readonly dev?: string
}

interface IpRoute extends IpHop {
  readonly type: string
  readonly dst: string
  readonly table: string
  readonly protocol: string
  readonly prefsrc?: string
  readonly metric?: number
  readonly nexthops?: readonly IpHop[]
}

const TABLES: Readonly<Record<string, number>> = { main: 254, local: 255, default: 253 }

/** ip-route(8): of both families, without what the kernel put into the table `local`. */
export function ipRoutes(within: Within): Route[] {
  return (['inet', 'inet6'] as const).flatMap((family) => {
    const words = ['-json', '-details', '-family', family, 'route', 'show', 'table', 'all']
    const routes: IpRoute[] = JSON.parse(within('ip', ...words))
    return routes
      .filter(({ table, protocol }) => table !== 'local' || protocol !== 'kernel')
      .flatMap((route) =>
        (route.nexthops ?? [route]).map(({ gateway, via, dev }) => ({
          family,
          destination: prefixOf(route.dst, family),
          table: TABLES[route.table] ?? Number(route.table),
          ...{ protocol: route.protocol, type: route.type, metric: route.metric ?? null },
          ...{ source: route.prefsrc ?? null, gateway: gateway ?? via?.host ?? null },
          interface: dev ?? null,
        })),
      )
  })
}

/** It leaves out the length of what is one address. */
function prefixOf(destination: string, family: 'inet' | 'inet6'): string {
  if (destination === 'default' || destination.includes('/')) return destination
  return `${destination}/${family === 'inet' ? 32 : 128}`
}

interface ToldSocket extends Omit<Listening, 'processes'> {
  readonly processes: readonly { readonly pid: number; readonly fd: number }[]
}

/** ss(8): listening TCP and unconnected UDP sockets. */
export function ssListening(within: Within): ToldSocket[] {
  return (['tcp', 'udp'] as const).flatMap((transport) =>
    within('ss', '-H', '-l', '-n', '-p', '-e', `--${transport}`)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [, , , local = ''] = line.split(/ +/)
        const [, address = '', port] = /^(.*):(\d+)$/.exec(local) ?? []
        const owners = line.matchAll(/pid=(\d+),fd=(\d+)/g)
        const plain = address.replaceAll(/[[\]]/g, '').replace('*', '::')
        return {
          protocol: plain.includes(':') ? (`${transport}6` as const) : transport,
          address: plain,
          port: Number(port),
          uid: Number(/uid:(\d+)/.exec(line)?.[1] ?? 0),
          inode: Number(/ino:(\d+)/.exec(line)?.[1]),
          processes: [...owners].map(([, pid, fd]) => ({ pid: Number(pid), fd: Number(fd) })),
        }
      }),
  )
}

interface FoundMount {
  readonly target: string
  readonly source: string | null
  readonly fstype: string
  readonly propagation: string
  readonly fsroot: string
  readonly 'maj:min': string
  readonly 'vfs-options': string
  readonly 'fs-options': string
}

const COLUMNS = 'TARGET,SOURCE,FSTYPE,PROPAGATION,FSROOT,MAJ:MIN,VFS-OPTIONS,FS-OPTIONS'

/** findmnt(8); `more` says of whom, such as `-N PID`. */
export function findMounts(within: Within, ...more: readonly string[]): Mount[] {
  const words = ['--json', '--list', '--nofsroot', '--output', COLUMNS]
  const { filesystems } = JSON.parse(within('findmnt', ...words, ...more)) as {
    filesystems: readonly FoundMount[]
  }
  return filesystems.map((mount) => ({
    mountPoint: mount.target,
    root: mount.fsroot,
    fsType: mount.fstype,
    source: mount.source,
    device: mount['maj:min'].trim(),
    options: mount['vfs-options'],
    superOptions: mount['fs-options'],
    propagation: mount.propagation.replace(/^private,/, '') as Mount['propagation'],
  }))
}

type LsipcRow = Readonly<Record<string, string>>

/** lsipc(1): the objects of one kind, with numbers as numbers and the mode as in the proc file. */
export function lsipc(within: Within, kind: '-q' | '-m' | '-s', columns: readonly string[]) {
  const words = ['--json', '--bytes', '--output', columns.join(',')]
  const document: Readonly<Record<string, readonly LsipcRow[]>> = JSON.parse(
    within('lsipc', kind, ...words),
  )
  return Object.values(document)
    .flat()
    .map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          name === 'perms' ? octalOf(value) : Number(value) | 0,
        ]),
      ),
    )
}

/** Of `rw-r-----`. Without names, lsipc 2.38 tells no mode of queues. */
function octalOf(mode: string): string {
  const bits = [...mode].map((letter) => (letter === '-' ? '0' : '1')).join('')
  return Number.parseInt(bits, 2).toString(8)
}

/** In an order that says nothing, for lists whose own order says nothing. */
export function sorted<T>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
