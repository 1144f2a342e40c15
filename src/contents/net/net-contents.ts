import type { ResolvConf } from '../../kernel/resolv-conf.ts'
import type { Family } from '../../kernel/rtnetlink.ts'
import type { ListeningProtocol } from '../../kernel/sock-diag.ts'
import type { NsRef } from '../../model/snapshot.ts'
import type { Contents } from '../contents.ts'

/** What is inside of a network namespace. Fields named in `unknown` are null or empty. */
export interface NetContents extends Contents {
  readonly type: 'net'
  readonly interfaces: readonly NetInterface[]
  /**
   * Routes of all tables, one row for each next hop. The kernel's own ones of the table `local` are left out:
   * the addresses tell these.
   */
  readonly routes: readonly Route[]
  readonly listening: readonly Listening[]
  /** Of the resolv.conf of the process through which it was read; null: there is no process to have one. */
  readonly dns: ResolvConf | null
}

export interface NetInterface {
  readonly index: number | null
  readonly name: string
  readonly mac: string | null
  /** The operational state: `up`, `down`, `unknown` (as a loopback says), `lowerlayerdown` … */
  readonly state: string | null
  readonly flags: readonly string[]
  readonly mtu: number | null
  /** `veth`, `bridge`, `vlan` …, `loopback`, or `physical` where the driver has no word for its kind. */
  readonly kind: string | null
  /** The bridge, bond, VRF … that it is part of. */
  readonly master: string | null
  /** The other end, of kinds that come in pairs. */
  readonly peer: LinkEnd | null
  /** The interface that it lies on, as a vlan does. */
  readonly lower: LinkEnd | null
  readonly addresses: readonly Address[]
}

export interface LinkEnd {
  readonly index: number
  /** In another namespace: by the number that this namespace gives to that one. Null: in this one. */
  readonly nsid: number | null
  /** The other namespace, where it was looked for and found. */
  readonly namespace: NsRef | null
  /** Null: it is in a namespace whose contents were not read. */
  readonly name: string | null
}

export interface Address {
  /** With the length of its prefix: `10.0.0.2/24`. */
  readonly address: string
  readonly scope: string
  readonly family: Family
}

export interface Route {
  /** `default`, or a prefix. */
  readonly destination: string
  readonly gateway: string | null
  readonly interface: string | null
  /** 254: `main`. */
  readonly table: number | null
  readonly protocol: string | null
  readonly metric: number | null
  readonly family: Family
  readonly type: string | null
  /** The address that packets leave with. */
  readonly source: string | null
}

export interface Listening {
  readonly protocol: ListeningProtocol
  /** `fe80::1%eth0` where it listens on one interface alone. */
  readonly address: string
  readonly port: number
  readonly uid: number
  readonly inode: number
  /** Who has it open; null: not looked for. */
  readonly processes: readonly SocketOwner[] | null
}

/** A process that has a socket open, in the shape in which documents name processes. */
export interface SocketOwner {
  readonly pid: number
  /** Null: the process as a whole. */
  readonly tid: null
  readonly startTicks: string
  readonly comm: string
  readonly fd: number
}
