/**
 * The eight namespace types, one row each: whatever differs between types is a column of this
 * table or a file in contents/, never a switch somewhere else.
 *
 * `letter` is its option of nsenter(1) and unshare(1).
 * `initialInum` is the inode of the one that exists since the boot (include/uapi/linux/nsfs.h); that of
 * mnt and net is fixed since Linux 6.18 only, so another number does not mean that it is another one.
 * `initialLacks` names the relatives that the initial namespace of the type has not. `heldIn` is what of a
 * task refers to it: its nsproxy, its credentials, or its struct pid. Rows stand in the order in which
 * every listing, option and document names the types.
 */
export const NAMESPACE_TYPES = [
  {
    name: 'mnt',
    letter: 'm',
    title: 'mount',
    heldIn: 'nsproxy',
    flag: 'CLONE_NEWNS',
    bit: 0x0002_0000,
    initialInum: 4026531832,
    hasParent: false,
    initialLacks: [],
    since: '3.8',
    manual: 'mount_namespaces(7)',
    isolates: 'mount points: which file systems are seen, and where',
  },
  {
    name: 'net',
    letter: 'n',
    title: 'network',
    heldIn: 'nsproxy',
    flag: 'CLONE_NEWNET',
    bit: 0x4000_0000,
    initialInum: 4026531833,
    hasParent: false,
    initialLacks: [],
    since: '3.0',
    manual: 'network_namespaces(7)',
    isolates: 'network devices, addresses, routes, ports, firewall, abstract unix sockets',
  },
  {
    name: 'pid',
    letter: 'p',
    title: 'PID',
    heldIn: 'pid',
    flag: 'CLONE_NEWPID',
    bit: 0x2000_0000,
    initialInum: 4026531836,
    hasParent: true,
    initialLacks: ['parent'],
    since: '3.8',
    manual: 'pid_namespaces(7)',
    isolates: 'process ids; its first process is pid 1 and ends all others with it',
  },
  {
    name: 'uts',
    letter: 'u',
    title: 'UTS',
    heldIn: 'nsproxy',
    flag: 'CLONE_NEWUTS',
    bit: 0x0400_0000,
    initialInum: 4026531838,
    hasParent: false,
    initialLacks: [],
    since: '3.0',
    manual: 'uts_namespaces(7)',
    isolates: 'host name and NIS domain name',
  },
  {
    name: 'ipc',
    letter: 'i',
    title: 'IPC',
    heldIn: 'nsproxy',
    flag: 'CLONE_NEWIPC',
    bit: 0x0800_0000,
    initialInum: 4026531839,
    hasParent: false,
    initialLacks: [],
    since: '3.0',
    manual: 'ipc_namespaces(7)',
    isolates: 'System V IPC objects and POSIX message queues',
  },
  {
    name: 'user',
    letter: 'U',
    title: 'user',
    heldIn: 'credentials',
    flag: 'CLONE_NEWUSER',
    bit: 0x1000_0000,
    initialInum: 4026531837,
    hasParent: true,
    initialLacks: ['owner', 'parent'],
    since: '3.8',
    manual: 'user_namespaces(7)',
    isolates: 'user and group ids, capabilities, keys; it owns namespaces of the other types',
  },
  {
    name: 'cgroup',
    letter: 'C',
    title: 'cgroup',
    heldIn: 'nsproxy',
    flag: 'CLONE_NEWCGROUP',
    bit: 0x0200_0000,
    initialInum: 4026531835,
    hasParent: false,
    initialLacks: [],
    since: '4.6',
    manual: 'cgroup_namespaces(7)',
    isolates: 'the cgroup root directory: paths in /proc/PID/cgroup start below it',
  },
  {
    name: 'time',
    letter: 'T',
    title: 'time',
    heldIn: 'nsproxy',
    flag: 'CLONE_NEWTIME',
    bit: 0x0000_0080,
    initialInum: 4026531834,
    hasParent: false,
    initialLacks: [],
    since: '5.6',
    manual: 'time_namespaces(7)',
    isolates: 'offsets of the monotonic and boot-time clocks',
  },
] as const

/** The name of a type as procfs spells it: the `X` of /proc/PID/ns/X. */
export type NsType = (typeof NAMESPACE_TYPES)[number]['name']
export type NsTypeRow = (typeof NAMESPACE_TYPES)[number]

export const NS_TYPE_NAMES: readonly NsType[] = NAMESPACE_TYPES.map((row) => row.name)

const ROWS = new Map<string, NsTypeRow>(NAMESPACE_TYPES.map((row) => [row.name, row]))
const NAMES_BY_BIT = new Map<number, NsType>(NAMESPACE_TYPES.map((row) => [row.bit, row.name]))
const INITIAL = new Set<number>(NAMESPACE_TYPES.map((row) => row.initialInum))

export function isNsType(text: string): text is NsType {
  return ROWS.has(text)
}

export function nsTypeRow(type: NsType): NsTypeRow {
  return ROWS.get(type) as NsTypeRow
}

/** The type of a CLONE_NEW* bit, as NS_GET_NSTYPE returns it (ioctl_nsfs(2)). */
export function nsTypeOfBit(bit: number): NsType | undefined {
  return NAMES_BY_BIT.get(bit)
}

/**
 * Whether the inode is one that the kernel gives to a namespace of the boot. All of these are below
 * PROC_DYNAMIC_FIRST, from where on others are numbered (include/linux/proc_ns.h, fs/proc/generic.c), so on
 * no kernel another namespace has one of them.
 */
export function isInitialInum(inum: number): boolean {
  return INITIAL.has(inum)
}
