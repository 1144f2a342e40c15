import { existsSync, readFileSync } from 'node:fs'
import type { Host } from '../../src/host/port.ts'
import type { Errno } from '../../src/kernel/errno.ts'
import { addressesRequest, linksRequest } from '../../src/kernel/rtnetlink.ts'
import { nsidRequest, nsidsRequest } from '../../src/kernel/rtnetlink-nsids.ts'
import { routesRequest } from '../../src/kernel/rtnetlink-routes.ts'
import { LISTENING_PROTOCOLS, listeningRequest } from '../../src/kernel/sock-diag.ts'
import type { InsideQuestion } from '../../src/model/inside.ts'
import { capturedDump } from './captured-net.ts'
import { type FixtureProcfs, machinePath } from './fixture-procfs.ts'

/** What a thread inside of a namespace would be told, by inode: `inside.json` of a machine. */
interface Inside {
  readonly uname?: readonly [string, string]
  readonly proc?: Readonly<Record<string, string>>
  readonly mqueues?: readonly (readonly [name: string, status: string])[]
  /** Its interfaces, routes and sockets are those of test/captures/netns.json. */
  readonly netlink?: true
  /** The numbers that it gives to other network namespaces. */
  readonly peers?: Readonly<Record<string, number>>
}

/** Joins the namespaces of a machine, as far as it was saved what is inside. */
export function fixtureInside(procfs: FixtureProcfs): Pick<Host, 'inside' | 'peerNsids'> {
  const path = machinePath(procfs.machine, 'inside.json')
  const saved: Readonly<Record<string, Inside>> = existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : {}
  const at = (inum: number | null): Inside => saved[String(inum)] ?? {}
  return {
    inside: ({ inum }, questions) => questions.map((question) => answerOf(at(inum), question)),
    peerNsids: ({ inum }, candidates) => ({
      nsids: Int32Array.from(candidates, (each) => at(inum).peers?.[String(each.inum)] ?? -1),
      errnos: new Uint8Array(candidates.length),
    }),
  }
}

/** Whatever was not saved may not be joined. */
function answerOf(inside: Inside, question: InsideQuestion): Uint8Array | Errno {
  const text = textOf(inside, question)
  if (typeof text === 'string') return new Uint8Array(Buffer.from(text))
  return text ?? 'EPERM'
}

function textOf(
  { uname, proc, mqueues, netlink, peers }: Inside,
  question: InsideQuestion,
): string | Uint8Array | undefined {
  switch (question.ask) {
    case 'uname':
      return uname?.join('\0')
    case 'proc':
      return proc?.[question.file]
    case 'mqueues':
      return mqueues?.map(([name, status]) => `${name}\0${status}\0`).join('')
    case 'inode':
      return undefined
    default:
      if (Buffer.compare(question.request, nsidsRequest()) === 0) return nsidsOf(peers)
      if (isAliveRequest(question.request)) return nsidsOf(peers, question.request.at(-4))
      return netlink && capturedDump(dumpName(question.request))
  }
}

function isAliveRequest(request: Uint8Array): boolean {
  const [nsid = 0] = request.subarray(-4)
  return Buffer.compare(request, nsidRequest(nsid)) === 0
}

/** The answers of RTM_GETNSID, a message of 28 bytes for each: to the dump, or for one number. */
function nsidsOf(peers: Inside['peers'] = {}, only?: number): Uint8Array {
  const nsids = Object.values(peers).filter((nsid) => only === undefined || nsid === only)
  return Buffer.concat(
    nsids.map((nsid) => {
      const message = Buffer.alloc(28)
      message.writeUInt32LE(message.length, 0)
      message.writeUInt16LE(88, 4)
      message.writeUInt16LE(8, 20)
      message.writeUInt16LE(1, 22)
      message.writeInt32LE(nsid, 24)
      return message
    }),
  )
}

const REQUESTS: Readonly<Record<string, Uint8Array>> = {
  ...{ links: linksRequest(), addresses: addressesRequest() },
  ...{ routes4: routesRequest('inet'), routes6: routesRequest('inet6') },
  ...Object.fromEntries(LISTENING_PROTOCOLS.map((name) => [name, listeningRequest(name)])),
}

function dumpName(request: Uint8Array): string {
  const found = Object.entries(REQUESTS).find(([, bytes]) => Buffer.compare(bytes, request) === 0)
  if (!found) throw new Error('nothing was captured for this request')
  return found[0]
}
