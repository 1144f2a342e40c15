import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStatmounts } from '../../src/kernel/statmount.ts'

interface Fields {
  readonly mask?: number
  readonly attributes?: number
  readonly propagation?: number
  readonly superFlags?: number
  readonly texts?: Readonly<Record<string, string>>
}

/** Where the offset of each text stands in struct statmount, and the bit of the mask. */
const TEXTS: Readonly<Record<string, readonly [at: number, bit: number]>> = {
  options: [4, 0x80],
  fsType: [36, 0x20],
  root: [104, 0x8],
  mountPoint: [108, 0x10],
  subtype: [120, 0x100],
  source: [124, 0x200],
}

const TMPFS = {
  fsType: 'tmpfs',
  root: '/',
  mountPoint: '/tmp',
  source: 'none',
  options: 'size=4k',
}

function struct({
  mask = 3,
  attributes = 0,
  propagation = 0x4_0000,
  ...more
}: Fields = {}): Buffer {
  const fixed = Buffer.alloc(512)
  const strings: Buffer[] = [Buffer.of(0)]
  let bits = mask
  for (const [name, text] of Object.entries(more.texts ?? TMPFS)) {
    const [at, bit] = TEXTS[name] as [number, number]
    fixed.writeUInt32LE(Buffer.concat(strings).length, at)
    strings.push(Buffer.from(`${text}\0`))
    bits |= bit
  }
  const whole = Buffer.concat([fixed, ...strings])
  whole.writeUInt32LE(whole.length, 0)
  whole.writeBigUInt64LE(BigInt(bits), 8)
  whole.writeUInt32LE(0, 16)
  whole.writeUInt32LE(42, 20)
  whole.writeUInt32LE(more.superFlags ?? 0, 32)
  whole.writeBigUInt64LE(0x1_0000_0007n, 40)
  whole.writeUInt32LE(7, 56)
  whole.writeUInt32LE(6, 60)
  whole.writeUInt32LE(attributes, 64)
  whole.writeUInt32LE(propagation, 72)
  return whole
}

describe('parseStatmounts', () => {
  it('reads one mount after the other', () => {
    const other = struct({ texts: { ...TMPFS, fsType: 'fuse', subtype: 'sshfs', root: '/ä b' } })
    const rows = parseStatmounts(Buffer.concat([struct(), other]))
    const row = {
      ...{ id: 7, parentId: 6, uniqueId: '4294967303', device: '0:42', root: '/' },
      ...{ mountPoint: '/tmp', mountOptions: 'rw,relatime', propagation: 'private' },
      ...{ peerGroup: null, master: null, fsType: 'tmpfs', source: 'none' },
      options: 'rw,size=4k',
    }
    expect(rows).toEqual([row, { ...row, fsType: 'fuse.sshfs', root: '/ä b' }])
  })

  it.each([
    [0x00, 'rw,relatime'],
    [0x01, 'ro,relatime'],
    [0x0f, 'ro,nosuid,nodev,noexec,relatime'],
    [0x10, 'rw,noatime'],
    [0x20, 'rw'],
    [0x80, 'rw,nodiratime,relatime'],
    [0x30_0090, 'rw,noatime,nodiratime,nosymfollow,idmapped'],
  ])('says the attributes 0x%x as mountinfo does', (attributes, mountOptions) => {
    expect(parseStatmounts(struct({ attributes }))).toMatchObject([{ mountOptions }])
  })

  it.each([
    [0x0, 'rw,size=4k'],
    [0x1, 'ro,size=4k'],
    [0x200_0091, 'ro,sync,dirsync,lazytime,size=4k'],
  ])('says the flags 0x%x of the file system as mountinfo does', (superFlags, options) => {
    expect(parseStatmounts(struct({ superFlags }))).toMatchObject([{ options }])
  })

  it.each([
    [0x4_0000, 'private'],
    [0x10_0000, 'shared'],
    [0x8_0000, 'slave'],
    [0x18_0000, 'shared,slave'],
    [0x2_0000, 'unbindable'],
  ])('knows the propagation 0x%x', (flags, propagation) => {
    expect(parseStatmounts(struct({ propagation: flags }))).toMatchObject([{ propagation }])
  })

  it('knows a text that is empty from one that the kernel does not tell', () => {
    const { options: _, source: __, ...bare } = TMPFS
    const silent = struct({ texts: bare })
    expect(parseStatmounts(silent)).toMatchObject([{ options: null, source: null }])
    expect(parseStatmounts(Buffer.concat([silent, struct()]))?.[0]).toMatchObject({
      options: 'rw',
      source: 'none',
    })
    expect(parseStatmounts(struct({ mask: 2, texts: {} }))).toMatchObject([
      { device: null, root: null, mountPoint: null, fsType: null, options: null },
    ])
  })

  it('has no rows where there is nothing', () => {
    expect(parseStatmounts(new Uint8Array(0))).toEqual([])
  })

  const whole = struct()
  const changed = (at: number, value: number) => {
    const bytes = Buffer.from(whole)
    bytes.writeUInt32LE(value, at)
    return bytes
  }
  it.each([
    ['a beginning alone', whole.subarray(0, 100)],
    ['no end', whole.subarray(0, -1)],
    ['something after it', Buffer.concat([whole, Buffer.alloc(3)])],
    ['a size of 0', changed(0, 0)],
    ['a size that leaves no room for the fields', changed(0, 511)],
    ['a size beyond the end', changed(0, whole.length + 1)],
    ['a text beyond the end', changed(104, whole.length)],
    ['a text far beyond the end', changed(104, 0xffff_ffff)],
    ['no ids', changed(8, 0x3ff & ~2)],
    ['a text without an end', Buffer.concat([changed(0, whole.length - 1).subarray(0, -1)])],
  ])('refuses %s', (_, bytes) => {
    expect(parseStatmounts(bytes)).toBeNull()
  })

  it('survives whatever the bytes are', () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change), fc.nat(whole.length), (changes, length) => {
        const bytes = Buffer.from(whole)
        for (const [at, value] of changes) bytes[at] = value
        const rows = parseStatmounts(bytes.subarray(0, length))
        expect(rows === null || rows.length <= 1).toBe(true)
      }),
    )
  })
})
