import { parseNetSockets } from '../../kernel/proc-net.ts'
import {
  LISTENING_PROTOCOLS,
  type ListeningProtocol,
  type ListeningSocket,
  parseListening,
} from '../../kernel/sock-diag.ts'
import { bytesOf, latin1Of } from '../answers.ts'
import type { Answers } from '../contents.ts'
import type { Listening } from './net-contents.ts'

const TABLES: Readonly<Record<ListeningProtocol, string>> = {
  tcp: 'procTcp',
  tcp6: 'procTcp6',
  udp: 'procUdp',
  udp6: 'procUdp6',
}

/** Each protocol by sock_diag(7), or else by its table; `unknown` where one has neither. */
export function parseNetListening(
  answers: Answers,
  names: ReadonlyMap<number, string>,
): { rows: Listening[]; unknown: string[] } {
  const read = LISTENING_PROTOCOLS.map(
    (protocol) => socketsOf(answers, protocol) ?? (isLacking(answers, protocol) ? [] : null),
  )
  return {
    rows: read
      .flatMap((sockets) => [...(sockets ?? [])].sort(byPort))
      .map((socket) => listeningOf(socket, names)),
    unknown: read.includes(null) ? ['listening'] : [],
  }
}

/** The kernel lists them in the order of a hash that is another one after each boot. */
function byPort(a: ListeningSocket, b: ListeningSocket): number {
  const byAddress = a.address < b.address ? -1 : Number(a.address > b.address)
  return a.port - b.port || byAddress || a.inode - b.inode
}

function socketsOf(answers: Answers, protocol: ListeningProtocol): ListeningSocket[] | null {
  const bytes = bytesOf(answers, protocol)
  const dumped = bytes && parseListening(bytes, protocol)
  if (dumped) return dumped
  const text = latin1Of(answers, TABLES[protocol])
  return text === null ? null : parseNetSockets(text, protocol)
}

/** A kernel without IPv6 has the table of the same protocol over IPv4 alone. */
function isLacking(answers: Answers, protocol: ListeningProtocol): boolean {
  const over4 = protocol === 'tcp6' ? 'tcp' : 'udp'
  return (
    protocol.endsWith('6') &&
    answers[TABLES[protocol]] === 'ENOENT' &&
    socketsOf(answers, over4) !== null
  )
}

function listeningOf(
  { index, address, ...socket }: ListeningSocket,
  names: ReadonlyMap<number, string>,
): Listening {
  const zone = index === null ? '' : `%${names.get(index) ?? index}`
  return { ...socket, address: `${address}${zone}`, processes: null }
}
