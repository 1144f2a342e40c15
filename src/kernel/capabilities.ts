/** By bit number (include/uapi/linux/capability.h; capabilities(7)). */
export const CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const
export type Capability = (typeof CAPABILITIES)[number]

/**
 * Whether a set of /proc/PID/status holds the capability.
 *
 * @param hex as status writes it, such as `000001ffffffffff`
 */
export function hasCapability(hex: string, capability: Capability): boolean {
  return (bitsOf(hex) & (1n << BigInt(CAPABILITIES.indexOf(capability)))) !== 0n
}

/** The names in a set, by bit number; a bit that is newer than our table is `CAP_41` and so on. */
export function capabilityNames(hex: string): string[] {
  const names: string[] = []
  for (let bits = bitsOf(hex), bit = 0; bits !== 0n; bits >>= 1n, bit++) {
    if ((bits & 1n) !== 0n) names.push(CAPABILITIES[bit] ?? `CAP_${bit}`)
  }
  return names
}

/**
 * A set in words: `all`, `none`, `all but CAP_SYS_MODULE, CAP_SYS_TIME`, or the list; the shorter of the
 * last two.
 *
 * @param last the last capability that the kernel has (/proc/sys/kernel/cap_last_cap)
 */
export function describeCapabilities(hex: string, last = CAPABILITIES.length - 1): string {
  const bits = bitsOf(hex)
  if (bits === 0n) return 'none'
  const all = (1n << BigInt(last + 1)) - 1n
  const names = capabilityNames(hex)
  const missing = capabilityNames((all & ~bits).toString(16))
  if (missing.length === 0) return 'all'
  return missing.length < names.length ? `all but ${missing.join(', ')}` : names.join(', ')
}

/** Anything that is not hexadecimal is a broken invariant: parsers let nothing else through. */
function bitsOf(hex: string): bigint {
  return BigInt(`0x${hex}`)
}
