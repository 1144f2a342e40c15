import { formatIp } from './ip-address.ts'
import { bytesOfView, dumpRequest, LITTLE_ENDIAN } from './netlink.ts'
import { parseDump } from './rtnetlink.ts'

export const LISTENING_PROTOCOLS = ['tcp', 'tcp6', 'udp', 'udp6'] as const
export type ListeningProtocol = (typeof LISTENING_PROTOCOLS)[number]

/** A socket that waits for whoever comes: TCP in the state LISTEN, UDP without a peer. */
export interface ListeningSocket {
  readonly protocol: ListeningProtocol
  /** Without an interface; `0.0.0.0` and `::` are any. */
  readonly address: string
  readonly port: number
  /** Index of the only interface on which it listens; null: on all. */
  readonly index: number | null
  /** Of its maker, as the user namespace of the reader sees it. */
  readonly uid: number
  /** 0: no descriptor of a process refers to it, as with a socket of the kernel. */
  readonly inode: number
}

export const NETLINK_SOCK_DIAG = 4
const SOCK_DIAG_BY_FAMILY = 20

/** Protocol numbers of ip(7), and the states as bits of tcp_states.h: LISTEN is 10, CLOSE 7. */
const ASKED: Readonly<
  Record<
    ListeningProtocol,
    { readonly family: number; readonly protocol: number; readonly states: number }
  >
> = {
  tcp: { family: 2, protocol: 6, states: 1 << 10 },
  tcp6: { family: 10, protocol: 6, states: 1 << 10 },
  udp: { family: 2, protocol: 17, states: 1 << 7 },
  udp6: { family: 10, protocol: 17, states: 1 << 7 },
}

/** struct inet_diag_req_v2 (sock_diag(7)). */
export function listeningRequest(protocol: ListeningProtocol): Uint8Array {
  const asked = ASKED[protocol]
  const body = new Uint8Array(56)
  body[0] = asked.family
  body[1] = asked.protocol
  new DataView(body.buffer).setUint32(4, asked.states, LITTLE_ENDIAN)
  return dumpRequest(SOCK_DIAG_BY_FAMILY, body)
}

/** @returns null where the dump failed or is not of that form. */
export function parseListening(
  bytes: Uint8Array,
  protocol: ListeningProtocol,
): ListeningSocket[] | null {
  const { family } = ASKED[protocol]
  return parseDump(bytes, SOCK_DIAG_BY_FAMILY, (payload) => socketOf(payload, protocol, family))
}

/** struct inet_diag_msg; port and address are in network order. */
function socketOf(
  payload: DataView,
  protocol: ListeningProtocol,
  family: number,
): ListeningSocket | null | undefined {
  if (payload.byteLength < 72) return undefined
  const port = payload.getUint16(4)
  // Without a port nobody can reach it: a socket that is not bound yet.
  if (payload.getUint8(0) !== family || port === 0) return null
  const address = formatIp(bytesOfView(payload).subarray(8, family === 2 ? 12 : 24))
  return {
    protocol,
    address: address as string,
    port,
    index: payload.getUint32(40, LITTLE_ENDIAN) || null,
    uid: payload.getUint32(64, LITTLE_ENDIAN),
    inode: payload.getUint32(68, LITTLE_ENDIAN),
  }
}
