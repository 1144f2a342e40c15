/** By number (RLIMIT_*, include/uapi/asm-generic/resource.h): as /proc/PID/limits calls them. */
const RESOURCES: readonly string[] = [
  ...['cpu time', 'file size', 'data size', 'stack size', 'core file size'],
  ...['resident set', 'processes', 'open files', 'locked memory', 'address space'],
  ...['file locks', 'pending signals', 'msgqueue size', 'nice priority'],
  ...['realtime priority', 'realtime timeout'],
]

/** RLIMIT_NOFILE. */
export const OPEN_FILES = RESOURCES.indexOf('open files')

/** One row of /proc/PID/limits: decimal numbers; null: unlimited. */
export interface Limit {
  readonly resource: number
  readonly soft: string | null
  readonly hard: string | null
}

/** Parses /proc/PID/limits (proc_pid_limits(5)), ascending by resource; unknown rows are passed over. */
export function parseLimits(text: string): Limit[] {
  return text
    .split('\n')
    .flatMap((line) => {
      const [, name, soft, hard] =
        /^Max ([a-z ]+?) {2,}(\d+|unlimited) +(\d+|unlimited)(?: |$)/.exec(line) ?? []
      const resource = name === undefined ? -1 : RESOURCES.indexOf(name)
      if (resource < 0 || soft === undefined || hard === undefined) return []
      return [{ resource, soft: limitOf(soft), hard: limitOf(hard) }]
    })
    .sort((a, b) => a.resource - b.resource)
}

/** What the kernel calls a resource: `open files`. */
export function resourceName(resource: number): string {
  return RESOURCES[resource] ?? `resource ${resource}`
}

/** The lower one of two limits. */
export function lowerLimit(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return BigInt(a) < BigInt(b) ? a : b
}

function limitOf(text: string): string | null {
  return text === 'unlimited' ? null : text
}
