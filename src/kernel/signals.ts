/**
 * The signals of Linux by number, from 1 (signal(7)); as x86, ARM and most others number them.
 * MIPS, SPARC, Alpha and PA-RISC do it otherwise; Node runs on none of these.
 */
const SIGNALS = [
  ...['HUP', 'INT', 'QUIT', 'ILL', 'TRAP', 'ABRT', 'BUS', 'FPE', 'KILL', 'USR1', 'SEGV', 'USR2'],
  ...['PIPE', 'ALRM', 'TERM', 'STKFLT', 'CHLD', 'CONT', 'STOP', 'TSTP', 'TTIN', 'TTOU', 'URG'],
  ...['XCPU', 'XFSZ', 'VTALRM', 'PROF', 'WINCH', 'IO', 'PWR', 'SYS'],
]

/** Other names of the same (signal(7)). */
const SYNONYMS: Readonly<Record<string, string>> = { IOT: 'ABRT', CLD: 'CHLD', POLL: 'IO' }

/** _NSIG of the kernel. */
const LAST = 64
/** As the C libraries have them: they keep 32 and 33 (glibc) for themselves. */
const REAL_TIME = { RTMIN: 34, RTMAX: LAST } as const

/** The names that a person may write, without SIG. */
export const SIGNAL_NAMES: readonly string[] = SIGNALS

/** `KILL`, `SIGKILL`, `sigkill`, `9`, `RTMIN+1`; null: there is no such signal. */
export function parseSignal(text: string): number | null {
  const number = /^\d{1,2}$/.test(text) ? Number(text) : numberOf(text.toUpperCase())
  return number >= 1 && number <= LAST ? number : null
}

function numberOf(text: string): number {
  const name = text.replace(/^SIG/, '')
  const [, base, sign, offset] = /^(RTMIN|RTMAX)(?:([+-])(\d{1,2}))?$/.exec(name) ?? []
  if (base === undefined) return SIGNALS.indexOf(SYNONYMS[name] ?? name) + 1
  const number = REAL_TIME[base as keyof typeof REAL_TIME] + Number(`${sign ?? ''}${offset ?? 0}`)
  return number >= REAL_TIME.RTMIN ? number : 0
}
