/**
 * The tables below /proc/PID/net that name the inode of each socket, and the column where it
 * stands (net/ipv4/tcp_ipv4.c, udp.c, raw.c, ping.c, net/netlink/af_netlink.c,
 * net/packet/af_packet.c). A kernel without a protocol lacks its table.
 *
 * `unix` is left out on purpose: it prints socket names raw, so that a name with a newline in it
 * can claim any inode for its network namespace. These tables hold numbers alone.
 */
export const SOCKET_TABLES = [
  { file: 'tcp', column: 9 },
  { file: 'tcp6', column: 9 },
  { file: 'udp', column: 9 },
  { file: 'udp6', column: 9 },
  { file: 'udplite', column: 9 },
  { file: 'udplite6', column: 9 },
  { file: 'raw', column: 9 },
  { file: 'raw6', column: 9 },
  { file: 'icmp', column: 9 },
  { file: 'icmp6', column: 9 },
  { file: 'netlink', column: 9 },
  { file: 'packet', column: 8 },
] as const

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
