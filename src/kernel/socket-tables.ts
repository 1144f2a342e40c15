/**
 * The tables below /proc/PID/net that name the inode of each socket, and the column where it stands
 * (net/netlink/af_netlink.c, net/packet/af_packet.c, net/ipv4/udp.c, raw.c, ping.c, tcp_ipv4.c). A
 * kernel without a protocol lacks its table. They hold numbers alone, so nobody can forge a line.
 *
 * `dear`: those of TCP walk hash tables of the whole system, which takes milliseconds.
 */
export const SOCKET_TABLES = [
  { file: 'netlink', column: 9, dear: false },
  { file: 'packet', column: 8, dear: false },
  { file: 'raw', column: 9, dear: false },
  { file: 'raw6', column: 9, dear: false },
  { file: 'icmp', column: 9, dear: false },
  { file: 'icmp6', column: 9, dear: false },
  { file: 'udp', column: 9, dear: false },
  { file: 'udp6', column: 9, dear: false },
  { file: 'udplite', column: 9, dear: false },
  { file: 'udplite6', column: 9, dear: false },
  { file: 'tcp', column: 9, dear: true },
  { file: 'tcp6', column: 9, dear: true },
] as const

/**
 * The table of unix sockets prints their names raw, so that a name with a newline in it can claim any
 * inode for its network namespace: it can tell at most that a socket is worth asking by itself.
 */
export const UNIX_TABLE = { file: 'unix', column: 6 } as const

/**
 * The socket inodes of one table; its first line is a heading. A line that does not have a number
 * in the column is passed over. An inode of 0 is a socket that no descriptor refers to any more.
 */
export function parseSocketInodes(text: string, column: number): number[] {
  const inodes: number[] = []
  const lines = text.split('\n')
  for (let i = 1; i < lines.length; i++) {
    const field = lines[i]?.trim().split(/\s+/, column + 1)[column]
    const inode = field && /^\d+$/.test(field) ? Number(field) : 0
    if (inode > 0) inodes.push(inode)
  }
  return inodes
}
