export interface ClockOffset {
  /** May be negative; nanoseconds count upwards from it. */
  readonly seconds: number
  readonly nanoseconds: number
}

export interface TimensOffsets {
  readonly monotonic: ClockOffset
  readonly boottime: ClockOffset
}

/**
 * Parses /proc/PID/timens_offsets (time_namespaces(7)); clocks are named since Linux 5.6, before that
 * they were numbers: 1 is CLOCK_MONOTONIC, 7 CLOCK_BOOTTIME.
 *
 * @returns null where a clock is missing.
 */
export function parseTimensOffsets(text: string): TimensOffsets | null {
  const monotonic = offsetOf(text, 'monotonic|1')
  const boottime = offsetOf(text, 'boottime|7')
  return monotonic && boottime && { monotonic, boottime }
}

function offsetOf(text: string, clock: string): ClockOffset | null {
  const match = new RegExp(`^(?:${clock}) +(-?\\d+) +(\\d+)$`, 'm').exec(text)
  return match && { seconds: Number(match[1]), nanoseconds: Number(match[2]) }
}
