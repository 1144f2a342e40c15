/**
 * Netlink messages (netlink(7)) as bytes: a message is a header of 16 bytes and a payload, a payload a
 * structure and attributes, each padded to 4 bytes. Numbers are in the byte order of the machine.
 */
export interface NetlinkMessage {
  readonly type: number
  /** Reads the structure at its start. */
  readonly payload: DataView
}

export interface NetlinkAnswer {
  readonly messages: readonly NetlinkMessage[]
  /** The errno (a number) with which the kernel refused, or ended the dump; 0: none. */
  readonly errno: number
}

/** Whether numbers of this machine begin with their lowest byte. */
export const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

const HEADER = 16
const NLM_F_REQUEST = 1
const NLM_F_DUMP = 0x300
const NLMSG_NOOP = 1
const NLMSG_ERROR = 2
const NLMSG_DONE = 3
/** Less the bits that mark it nested or in network order. */
const ATTRIBUTE_TYPE = 0x3fff

/**
 * Splits an answer into its messages.
 *
 * @returns null where the bytes are not of that form: cut short, or no netlink at all.
 */
export function parseNetlink(bytes: Uint8Array): NetlinkAnswer | null {
  const view = viewOf(bytes)
  const messages: NetlinkMessage[] = []
  let errno = 0
  for (let at = 0; at < view.byteLength; ) {
    if (view.byteLength - at < HEADER) return null
    const length = view.getUint32(at, LITTLE_ENDIAN)
    if (length < HEADER || at + length > view.byteLength) return null
    const type = view.getUint16(at + 4, LITTLE_ENDIAN)
    const payload = part(view, at + HEADER, length - HEADER)
    if (type === NLMSG_ERROR || type === NLMSG_DONE) errno ||= errnoOf(payload)
    else if (type !== NLMSG_NOOP) messages.push({ type, payload })
    at += align(length)
  }
  return { messages, errno }
}

/** Whether a dump went through; for `enough` of a need. */
export function isWholeDump(bytes: Uint8Array): boolean {
  return parseNetlink(bytes)?.errno === 0
}

/**
 * The attributes behind the structure of a payload (or of an attribute that nests others, from 0); of one that
 * is there twice, the last. They end where one does not fit.
 */
export function parseAttributes(view: DataView, from: number): Map<number, DataView> {
  const attributes = new Map<number, DataView>()
  for (let at = from; at + 4 <= view.byteLength; ) {
    const length = view.getUint16(at, LITTLE_ENDIAN)
    if (length < 4 || at + length > view.byteLength) break
    const type = view.getUint16(at + 2, LITTLE_ENDIAN) & ATTRIBUTE_TYPE
    attributes.set(type, part(view, at + 4, length - 4))
    at += align(length)
  }
  return attributes
}

/** A request for all there is of a type, with the structure (and attributes) that it wants. */
export function dumpRequest(type: number, body: Uint8Array): Uint8Array {
  return request(type, NLM_F_DUMP, body)
}

/** A request for one of them. */
export function singleRequest(type: number, body: Uint8Array): Uint8Array {
  return request(type, 0, body)
}

function request(type: number, flags: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER + body.length)
  const view = viewOf(bytes)
  view.setUint32(0, bytes.length, LITTLE_ENDIAN)
  view.setUint16(4, type, LITTLE_ENDIAN)
  view.setUint16(6, NLM_F_REQUEST | flags, LITTLE_ENDIAN)
  view.setUint32(8, 1, LITTLE_ENDIAN)
  bytes.set(body, HEADER)
  return bytes
}

/** The 32-bit number of an attribute; null: it is missing, or of another size. */
export function uint32Of(view: DataView | undefined): number | null {
  return view?.byteLength === 4 ? view.getUint32(0, LITTLE_ENDIAN) : null
}

/** A signed one. */
export function int32Of(view: DataView | undefined): number | null {
  return view?.byteLength === 4 ? view.getInt32(0, LITTLE_ENDIAN) : null
}

/** The bytes of an attribute, which are those of the answer. */
export function bytesOfView({ buffer, byteOffset, byteLength }: DataView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** A name that ends with a NUL. */
export function stringOf(view: DataView | undefined): string | null {
  if (!view) return null
  const bytes = bytesOfView(view)
  const end = bytes.indexOf(0)
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('utf8')
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

function part(view: DataView, at: number, length: number): DataView {
  return new DataView(view.buffer, view.byteOffset + at, length)
}

function align(length: number): number {
  return (length + 3) & ~3
}

function errnoOf(payload: DataView): number {
  return Math.abs(int32Of(payload.byteLength >= 4 ? part(payload, 0, 4) : undefined) ?? 0)
}
