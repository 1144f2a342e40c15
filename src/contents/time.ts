import { type ClockOffset, parseTimensOffsets } from '../kernel/timens-offsets.ts'
import { latin1Of } from './answers.ts'
import { comparable, compareFields } from './compare.ts'
import type { Contents, ContentsType } from './contents.ts'

/** Offsets against the clocks of the initial time namespace; null: unknown. */
export interface TimeContents extends Contents {
  readonly type: 'time'
  readonly monotonic: ClockOffset | null
  readonly boottime: ClockOffset | null
}

const CLOCKS = ['monotonic', 'boottime'] as const

/** timens_offsets tells of the time namespace for the children, not of the process's own (fs/proc/base.c). */
export const timeContents: ContentsType<TimeContents> = {
  type: 'time',
  needs: {
    offsets: {
      ...{ from: 'process', file: 'timens_offsets', of: 'time_for_children' },
      ofInitial: 'monotonic 0 0\nboottime 0 0\n',
    },
  },
  parse(answers) {
    const text = latin1Of(answers, 'offsets')
    const offsets = text === null ? null : parseTimensOffsets(text)
    return {
      type: 'time',
      monotonic: offsets?.monotonic ?? null,
      boottime: offsets?.boottime ?? null,
      unknown: offsets ? [] : CLOCKS,
    }
  },
  summarise(contents) {
    const offsets = CLOCKS.flatMap((clock) => {
      const offset = contents[clock]
      return offset && !isZero(offset) ? [`${clock} ${formatOffset(offset)}`] : []
    })
    if (offsets.length > 0) return offsets.join(', ')
    return contents.unknown.length > 0 ? '' : 'no offsets'
  },
  compare: (a, b) => compareFields({ known: comparable(a, b) }, [a, b], CLOCKS),
  describe: (_, value) => formatOffset(value as ClockOffset),
}

function isZero({ seconds, nanoseconds }: ClockOffset): boolean {
  return seconds === 0 && nanoseconds === 0
}

/** Nanoseconds count upwards also from negative seconds: -2 s and 750000000 ns are -1.25 s. */
function formatOffset({ seconds, nanoseconds }: ClockOffset): string {
  const total = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds)
  const size = total < 0n ? -total : total
  const rest = size % 1_000_000_000n
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`
  return `${total < 0n ? '-' : '+'}${size / 1_000_000_000n}${fraction} s`
}
