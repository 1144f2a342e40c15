import { decodePath } from './mountinfo.ts'
import { decodeText } from './text.ts'

/** One mount, in the words of mountinfo; null: this kernel does not say. */
export interface StatmountRow {
  /** As in mountinfo: used again after an unmount. */
  readonly id: number
  readonly parentId: number
  /** Never used again before a reboot; a 64-bit number. */
  readonly uniqueId: string
  /** `major:minor`. */
  readonly device: string | null
  /** The path of the mounted directory or file within its file system. */
  readonly root: string | null
  /** As seen from the root of the mount namespace; null as well where it cannot be reached from there. */
  readonly mountPoint: string | null
  /** Of this mount alone, such as `ro,nosuid,relatime`. */
  readonly mountOptions: string
  readonly propagation: 'private' | 'shared' | 'slave' | 'shared,slave' | 'unbindable'
  /** Those that share mounts have the same number; null: not shared. */
  readonly peerGroup: number | null
  /** The peer group from which it receives mounts; null: none. */
  readonly master: number | null
  /** With its subtype: `fuse.sshfs`. */
  readonly fsType: string | null
  readonly source: string | null
  /** Of the file system, such as `rw,hidepid=invisible,gid=4`. */
  readonly options: string | null
}

/** struct statmount (include/uapi/linux/mount.h): where each field is, and the size without strings. */
const AT = {
  ...{ size: 0, options: 4, mask: 8, major: 16, minor: 20, superFlags: 32, fsType: 36 },
  ...{ uniqueId: 40, id: 56, parentId: 60, attributes: 64, propagation: 72, peerGroup: 80 },
  ...{ master: 88, root: 104, mountPoint: 108, subtype: 120, source: 124 },
} as const
const FIXED_BYTES = 512

/** STATMOUNT_*: which fields were filled in. */
const HAS = {
  ...{ super: 0x1, mount: 0x2, root: 0x8, mountPoint: 0x10, fsType: 0x20, options: 0x80 },
  ...{ subtype: 0x100, source: 0x200 },
} as const

/** In the order of show_mnt_opts() (fs/proc_namespace.c). MOUNT_ATTR__ATIME is a number, no flag. */
const MOUNT_OPTIONS = [
  { bits: 0x2, of: 0x2, word: 'nosuid' },
  { bits: 0x4, of: 0x4, word: 'nodev' },
  { bits: 0x8, of: 0x8, word: 'noexec' },
  { bits: 0x10, of: 0x70, word: 'noatime' },
  { bits: 0x80, of: 0x80, word: 'nodiratime' },
  { bits: 0x00, of: 0x70, word: 'relatime' },
  { bits: 0x20_0000, of: 0x20_0000, word: 'nosymfollow' },
  { bits: 0x10_0000, of: 0x10_0000, word: 'idmapped' },
] as const
const MOUNT_READ_ONLY = 0x1

/** In the order of show_sb_opts(); SB_*. */
const SUPER_OPTIONS = [
  { bits: 0x10, of: 0x10, word: 'sync' },
  { bits: 0x80, of: 0x80, word: 'dirsync' },
  { bits: 0x200_0000, of: 0x200_0000, word: 'lazytime' },
] as const
const SUPER_READ_ONLY = 0x1

/** MS_* (mount(2)). */
const [MS_UNBINDABLE, MS_SLAVE, MS_SHARED] = [0x2_0000, 0x8_0000, 0x10_0000] as const

interface Known {
  readonly options: boolean
  readonly source: boolean
}

/**
 * Parses what statmount(2) says of many mounts: one `struct statmount` after the other, in the byte
 * order of x86-64 and arm64.
 *
 * @returns null where it is not of that form.
 */
export function parseStatmounts(bytes: Uint8Array): StatmountRow[] | null {
  const mounts = splitStructs(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  if (!mounts) return null
  // An empty text is not filled in: only whether there is any in the whole answer tells that the kernel
  // knows the field (options: Linux 6.11, source: 6.14).
  const known = {
    options: mounts.some((mount) => has(mount, HAS.options)),
    source: mounts.some((mount) => has(mount, HAS.source)),
  }
  const rows: StatmountRow[] = []
  for (const mount of mounts) {
    const row = rowOf(mount, known)
    if (!row) return null
    rows.push(row)
  }
  return rows
}

function splitStructs(bytes: Buffer): Buffer[] | null {
  const structs: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    if (at + FIXED_BYTES > bytes.length) return null
    const size = bytes.readUInt32LE(at + AT.size)
    if (size < FIXED_BYTES || at + size > bytes.length) return null
    structs.push(bytes.subarray(at, at + size))
    at += size
  }
  return structs
}

function rowOf(mount: Buffer, known: Known): StatmountRow | null {
  if (!has(mount, HAS.mount)) return null
  const text = (bit: number, at: number) => (has(mount, bit) ? stringAt(mount, at) : null)
  const texts = {
    root: text(HAS.root, AT.root),
    mountPoint: text(HAS.mountPoint, AT.mountPoint),
    fsType: text(HAS.fsType, AT.fsType),
    subtype: text(HAS.subtype, AT.subtype),
    source: text(HAS.source, AT.source),
    // The only text that the kernel leaves escaped.
    options: has(mount, HAS.options) ? escapedAt(mount, AT.options) : null,
  }
  if (Object.values(texts).includes(undefined)) return null
  const { root = null, mountPoint = null, fsType, subtype, source, options } = texts
  const [peerGroup, master] = [mount.readUInt32LE(AT.peerGroup), mount.readUInt32LE(AT.master)]
  return {
    id: mount.readUInt32LE(AT.id),
    parentId: mount.readUInt32LE(AT.parentId),
    uniqueId: String(mount.readBigUInt64LE(AT.uniqueId)),
    device: has(mount, HAS.super)
      ? `${mount.readUInt32LE(AT.major)}:${mount.readUInt32LE(AT.minor)}`
      : null,
    root,
    mountPoint,
    mountOptions: mountOptionsOf(mount.readUInt32LE(AT.attributes)),
    propagation: propagationOf(mount.readUInt32LE(AT.propagation)),
    peerGroup: peerGroup === 0 ? null : peerGroup,
    master: master === 0 ? null : master,
    fsType: fsType ? fsType + (subtype ? `.${subtype}` : '') : null,
    // Where there is none, mountinfo says so, too.
    source: source ?? (known.source ? 'none' : null),
    options: known.options && has(mount, HAS.super) ? superOptionsOf(mount, options ?? '') : null,
  }
}

function has(mount: Buffer, bit: number): boolean {
  return (mount.readUInt32LE(AT.mask) & bit) !== 0
}

function stringAt(mount: Buffer, at: number): string | undefined {
  const bytes = bytesAt(mount, at)
  return bytes && decodeText(bytes).text
}

function escapedAt(mount: Buffer, at: number): string | undefined {
  const bytes = bytesAt(mount, at)
  return bytes && decodePath(bytes.toString('latin1'))
}

/** Undefined: it does not end, or begins beyond the end. */
function bytesAt(mount: Buffer, at: number): Buffer | undefined {
  const begin = FIXED_BYTES + mount.readUInt32LE(at)
  const end = begin < mount.length ? mount.indexOf(0, begin) : -1
  return end < 0 ? undefined : mount.subarray(begin, end)
}

function mountOptionsOf(attributes: number): string {
  const words = MOUNT_OPTIONS.filter(({ bits, of }) => (attributes & of) === bits)
  const access = (attributes & MOUNT_READ_ONLY) === 0 ? 'rw' : 'ro'
  return [access, ...words.map(({ word }) => word)].join(',')
}

function superOptionsOf(mount: Buffer, own: string): string {
  const flags = mount.readUInt32LE(AT.superFlags)
  const words = SUPER_OPTIONS.filter(({ bits, of }) => (flags & of) === bits)
  const access = (flags & SUPER_READ_ONLY) === 0 ? 'rw' : 'ro'
  return [access, ...words.map(({ word }) => word), ...(own === '' ? [] : [own])].join(',')
}

function propagationOf(flags: number): StatmountRow['propagation'] {
  const slave = (flags & MS_SLAVE) !== 0
  if ((flags & MS_SHARED) !== 0) return slave ? 'shared,slave' : 'shared'
  if (slave) return 'slave'
  return (flags & MS_UNBINDABLE) !== 0 ? 'unbindable' : 'private'
}
