import { dumpRequest, int32Of, LITTLE_ENDIAN, parseAttributes, singleRequest } from './netlink.ts'
import { parseDump } from './rtnetlink.ts'

/** The numbers that a network namespace gives to others (rtnetlink(7), ip-netns(8)). */
const RTM_NEWNSID = 88
const RTM_GETNSID = 90
const NETNSA_NSID = 1
/** struct rtgenmsg, padded. */
const BODY = 4

/** All that it has given. Unlike a dump of links, this one gives none. */
export function nsidsRequest(): Uint8Array {
  return dumpRequest(RTM_GETNSID, new Uint8Array(BODY))
}

/** Whether one of them is still that of a living namespace: ENOENT where it is not (get_net_ns_by_id()). */
export function nsidRequest(nsid: number): Uint8Array {
  const body = new Uint8Array(BODY + 8)
  const view = new DataView(body.buffer)
  view.setUint16(BODY, 8, LITTLE_ENDIAN)
  view.setUint16(BODY + 2, NETNSA_NSID, LITTLE_ENDIAN)
  view.setInt32(BODY + 4, nsid, LITTLE_ENDIAN)
  return singleRequest(RTM_GETNSID, body)
}

/** @returns null where the answer is not of that form. */
export function parseNsids(bytes: Uint8Array): number[] | null {
  return parseDump(bytes, RTM_NEWNSID, (payload) => {
    if (payload.byteLength < BODY) return undefined
    const nsid = int32Of(parseAttributes(payload, BODY).get(NETNSA_NSID))
    return nsid !== null && nsid >= 0 ? nsid : null
  })
}
