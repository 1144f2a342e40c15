/**
 * A question that only a thread inside of a namespace can ask. Nothing here can hang: the kernel itself
 * answers each, no file system of a user's.
 */
export type InsideQuestion =
  /** uname(2): the node name, NUL, the domain name. */
  | { readonly ask: 'uname' }
  /**
   * A file of the reader's /proc, opened inside (`sysvipc/shm`, `1234/cgroup`): its text. `self` is the
   * main thread, which is not inside: `thread-self`.
   */
  | { readonly ask: 'proc'; readonly file: string }
  /**
   * One request to a netlink(7) family, a whole message: all messages of the answer, one after the other,
   * each padded to four bytes, without NLMSG_DONE and acknowledgements. An NLMSG_ERROR is an errno. Dumps
   * are checked strictly (NETLINK_GET_STRICT_CHK), so that they can be filtered; EINTR: it kept changing.
   */
  | { readonly ask: 'netlink'; readonly protocol: number; readonly request: Uint8Array }
  /** The inode number of such a file, in 8 bytes of the machine's order. */
  | { readonly ask: 'inode'; readonly file: string }
  /** POSIX message queues (mq_overview(7)), of a file system that is mounted nowhere: for each `name\0status\0`. */
  | { readonly ask: 'mqueues' }

/** A file below a root that is not ours, to be read by a child that may be abandoned. */
export interface FileBelow {
  /** A directory, such as `/proc/812/root`; nothing outside of it is ever opened. */
  readonly root: string
  /** Relative to it. Symbolic links are followed within the root only. */
  readonly path: string
  /** Bytes at the most. */
  readonly limit: number
}

export interface FileContent {
  readonly bytes: Uint8Array
  /** There is more than the limit. */
  readonly cut: boolean
  readonly uid: number
  readonly gid: number
  /** Permission bits, st_mode & 07777. */
  readonly mode: number
}
