/**
 * Splits a /proc/PID/environ (proc_pid_environ(5)) at its NULs, one character a byte. A process can write
 * over that area: what is not `NAME=value` is passed over.
 */
export function parseEnviron(bytes: Buffer): string[] {
  return bytes
    .toString('latin1')
    .split('\0')
    .filter((entry) => entry.indexOf('=') > 0)
}

/** The value of a variable; the first one counts, as in getenv(3). */
export function variableOf(environment: readonly string[], name: string): string | null {
  const entry = environment.find((each) => each.startsWith(`${name}=`))
  return entry === undefined ? null : entry.slice(name.length + 1)
}
