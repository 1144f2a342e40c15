import type { Caller } from '../../model/caller.ts'
import type { Advice, Forecast } from '../../model/exec-plan.ts'
import { WORKS } from './capability.ts'

/** Of the monitor, which opens /dev/tty to join a pty to it. */
export const NO_TERMINAL: Advice = {
  errno: 'ENXIO',
  why: 'there is no terminal here that a pty could be joined to',
  hint: 'leave out --pty; or make one: script -c "nsx …" /dev/null',
}

export function terminalForecast({ terminal }: Caller, pty: boolean): Forecast {
  return pty && !terminal ? { outcome: 'fails', ...NO_TERMINAL } : WORKS
}
