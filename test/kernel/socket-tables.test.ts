import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSocketInodes, SOCKET_TABLES, UNIX_TABLE } from '../../src/kernel/socket-tables.ts'

/** The heading of each table and one line of it, as Linux 6.18 writes them. */
const SAMPLES: Record<string, [heading: string, line: string]> = {
  tcp: [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 635 1 000000005fa69577 100 0 0 10 0',
  ],
  udp: [
    '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
    '  123: 0100007F:0143 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 635 2 00000000a1b2c3d4 0',
  ],
  netlink: [
    'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode',
    '00000000f1b2cfb1 0   0          00000000 0        0        0     2        0        635     ',
  ],
  packet: [
    'sk               RefCnt Type Proto  Iface R Rmem   User   Inode',
    '00000000aabbccdd 3      3    0003   2     1 0      0      635',
  ],
}
const LIKE: Record<string, string> = { raw: 'udp', icmp: 'udp', udplite: 'udp' }

describe('parseSocketInodes', () => {
  it.each(SOCKET_TABLES)('finds the inode in a line of $file', ({ file, column }) => {
    const family = file.replace(/6$/, '')
    const sample = SAMPLES[LIKE[family] ?? family] as [string, string]
    expect(parseSocketInodes(`${sample.join('\n')}\n`, column)).toEqual([635])
  })

  it('finds the inode of a unix socket, whose table is no evidence', () => {
    const line = '0000000000000000: 00000002 00000000 00010000 0001 01 635 /run/a b'
    expect(parseSocketInodes(`Num\n${line}\n`, UNIX_TABLE.column)).toEqual([635])
    expect(SOCKET_TABLES.map(({ file }) => file)).not.toContain('unix')
  })

  it.each([
    ['nothing', ''],
    ['a heading alone', 'sk Eth\n'],
    ['too few columns', 'h\n1 2 3\n'],
    ['a column that is no number', 'h\n0 1 2 3 4 5 6 7 8 x\n'],
    ['a negative number', 'h\n0 1 2 3 4 5 6 7 8 -5\n'],
    ['a socket without a descriptor', 'h\n0 1 2 3 4 5 6 7 8 0\n'],
    ['a blank line', 'h\n\n'],
  ])('passes over %s', (_, text) => {
    expect(parseSocketInodes(text, 9)).toEqual([])
  })

  it('finds all inodes of any table', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 0xffff_ffff })), (inodes) => {
        const lines = inodes.map((inode) => ` 0: 1 2 3 4 5 6 7 8 ${inode} 1 00 `)
        expect(parseSocketInodes(['heading', ...lines, ''].join('\n'), 9)).toEqual(inodes)
      }),
    )
  })
})
