/** The first two numbers of a release of Linux. */
export interface KernelRelease {
  readonly major: number
  readonly minor: number
}

/** Parses /proc/sys/kernel/osrelease, such as `6.18.44-cloud`. */
export function parseKernelRelease(text: string): KernelRelease | null {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(text) ?? []
  return major && minor ? { major: Number(major), minor: Number(minor) } : null
}

/**
 * Whether a release is so new, or newer. Distributions carry features back: it is for what no system call
 * tells beforehand, and where a wrong answer does no harm.
 */
export function isSince(release: KernelRelease, major: number, minor: number): boolean {
  return release.major > major || (release.major === major && release.minor >= minor)
}
