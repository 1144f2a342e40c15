import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Capture {
  /** What the kernel answered, base64. */
  readonly netlink: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, string>>
}

/**
 * A network namespace of Linux 6.18 with lo, a veth into another namespace, a veth pair of which one end is in
 * a bridge, routes of many kinds and four sockets; links without the attributes that nobody reads.
 */
const CAPTURE = JSON.parse(
  readFileSync(join(import.meta.dirname, '../captures/netns.json'), 'utf8'),
) as Capture

export function capturedDump(name: string): Uint8Array {
  return new Uint8Array(Buffer.from(CAPTURE.netlink[name] as string, 'base64'))
}

export function capturedTable(file: string): string {
  return CAPTURE.files[file] as string
}

export const CAPTURED_DUMPS: readonly string[] = Object.keys(CAPTURE.netlink)
